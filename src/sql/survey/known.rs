//! The names of meta-commands: psql's, and those that the session carries out itself.

const SPOKEN: &str = "set unset echo qecho warn if elif else endif i include ir include_relative q quit encoding restrict \
    unrestrict p print r reset g gx gset gexec gdesc bind watch crosstabview c connect conninfo copy \
    errverbose getenv setenv timing w write o out cd prompt ! lo_import lo_export lo_unlink lo_list lo_list+ \
    pset x t a f C H html T";

/// The commands of psql 13 to 18, but for `\d…`.
const KNOWN: &str = "! ? C H T a bind bind_named c cd close_prepared conninfo connect copy copyright \
    crosstabview e echo edit ef elif else encoding endif endpipeline errverbose ev f flush flushrequest g gdesc \
    getenv getresults gexec gset gx h help html i if include include_relative ir l l+ list list+ lo_export \
    lo_import lo_list lo_list+ lo_unlink o out p parse password print prompt pset q qecho quit r reset restrict \
    s sendpipeline set setenv sf sf+ startpipeline sv sv+ syncpipeline t timing unrestrict unset w warn watch \
    write x z zS zS+ z+";

/// Whether psql has a meta-command of that name.
pub fn is_psqls(name: &str) -> bool {
    name.starts_with('d') || KNOWN.split_ascii_whitespace().any(|known| known == name)
}

/// Whether the session carries the command out itself.
pub fn is_spoken(name: &str) -> bool {
    SPOKEN.split_ascii_whitespace().any(|spoken| spoken == name)
}
