//! The names of meta-commands, psql's and those that the session carries out itself, and how those are read that
//! lie in a branch that is not taken.

use crate::sql::lexer::{Lexer, Mode, NoVariables};

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

/// Those whose argument is the rest of the line.
const WHOLE_LINE: &str = "! copy ef ev h help sf sf+ sv sv+";

/// Those whose argument is the rest of the line if it is a pipe.
const PIPING: &str = "g gx o out w write";

/// Reads over the arguments of one of psql's commands in a branch that is not taken, but for words, with which every
/// command ends. What follows them is another command.
pub fn pass_over(lexer: &mut Lexer, name: &str) {
    let is_among = |names: &str| names.split_ascii_whitespace().any(|one| one == name);
    if is_among(WHOLE_LINE) {
        lexer.abandon_command();
    } else if is_among(PIPING) {
        let _file = lexer.argument(Mode::FileOrPipe, false, &NoVariables);
    }
}

/// Whether psql has a meta-command of that name.
pub fn is_psqls(name: &str) -> bool {
    name.starts_with('d') || KNOWN.split_ascii_whitespace().any(|known| known == name)
}

/// Whether the session carries the command out itself.
pub fn is_spoken(name: &str) -> bool {
    SPOKEN.split_ascii_whitespace().any(|spoken| spoken == name)
}
