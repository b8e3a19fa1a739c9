//! The documents of the sample project.

use std::path::PathBuf;

use dbctl::schema::{Key, Kind, markdown};

use super::sample::sample;

#[test]
fn the_document_tells_every_table_with_its_scripts() {
    let sample = sample();
    let text = markdown("Database schema of arasul_db", &sample.schema, &sample.attribution);
    std::fs::write(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sample.md"), &text).unwrap();
    for words in [
        "### admin_users\n\nUser accounts\n\nMade by `003_admin_users.sql`, last changed by `022_roles_and_grants.sql`.\n",
        "| `email` | `citext` | yes |  | Address for notifications; unique without regard to case | 003 |",
        "| `audit_logs_admin_user_id_fkey` | `FOREIGN KEY (admin_user_id) REFERENCES admin_users(id) ON DELETE SET NULL` |",
        "| `idx_admin_users_role` | `btree (role) where is_active` |",
        "| `trg_admin_users_updated_at` | `BEFORE UPDATE ON admin_users FOR EACH ROW EXECUTE FUNCTION set_updated_at()` |",
        "| `conversations_own` | ALL to arasul_backend |",
        "| `admin_role` | `owner, admin, operator, viewer` |",
        "    admin_users ||--o{ sessions : \"admin_user_id\"\n",
        "| `slugify(title text)` | `text` | sql |",
        "Materialized: holds what the last REFRESH found.",
        "| `arasul_readonly` | SELECT |",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("public."), "names as people write them");
    assert_eq!(text, markdown("Database schema of arasul_db", &sample.schema, &sample.attribution));
}

#[test]
fn every_object_of_the_sample_has_a_script() {
    let sample = sample();
    let nobodys: Vec<String> = sample
        .schema
        .objects()
        .filter(|object| sample.attribution.of(&object.key).is_none())
        .map(|object| object.key.to_string())
        .collect();
    // Roles of the test's own server, and what any database has.
    assert_eq!(
        nobodys,
        [
            "database `this database`",
            "role `md5_user`",
            "role `plain_user`",
            "role `scram_user`",
            "extension `plpgsql`"
        ]
    );
    let users = sample.attribution.of(&Key::new(Kind::Table, "public.conversations")).unwrap();
    assert_eq!((users.made.as_str(), users.last()), ("010_conversations.sql", "024_row_level_security.sql"));
}
