//! PostgreSQL's own regression suite, through psql and through dbctl.
