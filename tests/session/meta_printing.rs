//! The commands that set how results are printed, against the real psql.

use super::script::same_as_psql;

#[test]
fn settings_are_set_turned_over_and_told() {
    same_as_psql(
        "\\x\nselect 1 as one, 'two' as two;\n\\x off\n\\x auto\n\\x off\n\\t\nselect 1;\n\\t off\n\\a\nselect 1, 2;\n\\f ;\nselect 1, 2;\n\\a\n\\C 'a title'\nselect 1;\n\\C\n\
         \\pset null nil\nselect null as n;\n\\pset border 2\nselect 1;\n\\pset format csv\nselect 1, 'a,b';\n\\pset format aligned\n\\pset nonsense\n\\pset format nonsense\n\\pset footer off\nselect 1;\n\\pset\n",
    );
}

#[test]
fn g_has_settings_of_its_own() {
    same_as_psql(
        "select 1 as one, 'two' as two \\gx\nselect 3 \\g (format=csv tuples_only=on)\nselect 4;\nselect 5 \\g (format=unaligned\nselect 6 \\gx (border=2) FILES/x\n\
         create table lines (l text);\n\\copy lines from FILES/x\ntable lines;\nselect 7 \\g (nonsense=1)\nselect 8;\n",
    );
}

#[test]
fn settings_reach_the_file_of_o() {
    same_as_psql(
        "\\o FILES/o\n\\pset format csv\nselect 1, 2;\n\\set QUIET on\ncreate table lines (l text);\n\\set QUIET off\n\\o\n\\pset format aligned\n\\copy lines from FILES/o\ntable lines;\n",
    );
}

#[test]
fn a_result_may_come_in_parts() {
    same_as_psql(
        "\\set FETCH_COUNT 3\nselect n, repeat('x', n) from generate_series(1, 8) n;\n\\echo :ROW_COUNT\nselect 1;\n\\set FETCH_COUNT 0\nselect 2;\n",
    );
}

#[test]
fn a_result_may_be_turned() {
    same_as_psql(
        "create table t (r text, c text, v int);\ninsert into t values ('a', 'x', 1), ('b', 'y', 2), ('a', 'y', 3);\nselect * from t \\crosstabview\nselect * from t \\crosstabview c r v\n\
         select * from t \\crosstabview nope\nselect 1 \\crosstabview\ntable t;\n\\crosstabview r c v;\nselect 1/0 \\crosstabview\ncreate table u () \\crosstabview\nselect 2;\n",
    );
}

#[test]
fn messages_say_as_much_as_they_are_asked_to() {
    same_as_psql(
        "create function f() returns void language plpgsql as $$ begin raise notice 'n' using hint = 'h'; perform 1/0; end $$;\n\
         select f();\n\\set VERBOSITY terse\nselect f();\n\\set VERBOSITY sqlstate\nselect f();\n\\set VERBOSITY verbose\nselect f();\n\
         \\unset VERBOSITY\n\\set SHOW_CONTEXT never\nselect f();\n\\set SHOW_CONTEXT always\nselect f();\n\\errverbose\nselect oops;\n",
    );
}

#[test]
fn large_objects_are_listed() {
    same_as_psql(
        "\\lo_list\n\\lo_list+\nselect lo_create(99) \\gset\ncomment on large object 99 is 'it';\n\\lo_list\n\\lo_list+\n\\lo_unlink 98\n\\lo_export 98 FILES/none\n\\lo_import FILES/none\n",
    );
}
