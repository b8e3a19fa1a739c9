-- \pset shows all its settings
\pset
\pset border
\pset format
\pset null
