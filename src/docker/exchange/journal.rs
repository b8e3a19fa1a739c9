//! An exchange as a list of renames: decided before the first, so that whoever finds it can carry it to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::docker::container_facts::lies_in;
use crate::docker::server_files::ServerFiles;
use crate::docker::twin::{FOLDER, TwinError};

/// The entries of directories; those that do not exist have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    entries: BTreeMap<String, Vec<String>>,
    /// When it was made, by the clock of the server's machine.
    pub now: String,
}

/// One step; each can be taken again after a kill.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Out of the live cluster's place.
    Go {
        from: String,
        to: String,
    },
    /// Into it.
    Come {
        from: String,
        to: String,
    },
    /// Onto the disk: which names a directory has.
    Flush(String),
    /// Directories that are empty.
    Prune(String),
    /// What no cluster has any use for.
    Sweep(String),
    Forget(String),
}

/// The steps, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Journal(Vec<Step>);

/// Two clusters that change places: one has the names that the server knows, the other lies aside.
pub(super) struct Clusters<'a> {
    pub live: &'a ServerFiles,
    pub coming: &'a ServerFiles,
    /// The folder in which the one that comes lies: `new`, or `previous-3`.
    pub from: &'a str,
    /// The folder for the one that goes.
    pub to: &'a str,
    /// Where volumes and directories of the host are mounted.
    pub mounts: &'a [String],
}

/// A directory of which the entries, or some, belong to a cluster.
struct Piece {
    live: String,
    coming: String,
    going: String,
    is_tablespace: bool,
}

impl Listing {
    pub fn read(printed: &str) -> Self {
        let mut listing = Self::default();
        let mut directory = String::new();
        for line in printed.lines() {
            match line.split_once('\t') {
                Some(("in", name)) => name.clone_into(&mut directory),
                Some(("is", name)) => {
                    listing.entries.entry(directory.clone()).or_default().push(name.to_owned());
                }
                Some(("now", time)) => time.clone_into(&mut listing.now),
                _ => {}
            }
        }
        listing
    }

    pub fn of(&self, directory: &str) -> &[String] {
        self.entries.get(directory).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Clusters<'_> {
    /// Every directory that [`Self::journal`] must know the entries of.
    pub fn directories(&self) -> Result<Vec<String>, TwinError> {
        Ok(self.pieces()?.into_iter().flat_map(|piece| [piece.live, piece.coming]).collect())
    }

    /// The old cluster's `global` goes first and the new one's comes last: without it, and the `pg_control` in it, no
    /// server starts, so that none ever sees a mixture.
    pub fn journal(&self, listing: &Listing) -> Result<Journal, TwinError> {
        let pieces = self.pieces()?;
        self.refuse_incomplete(&pieces, listing)?;
        let mut out: Vec<Step> = Vec::new();
        let mut into: Vec<Step> = Vec::new();
        for piece in &pieces {
            let going = if self.is_of(self.live, &piece.live) {
                piece.entries(listing.of(&piece.live))
            } else {
                vec![]
            };
            let coming = piece.entries(listing.of(&piece.coming));
            piece.refuse_occupied(listing, &going, &coming)?;
            out.extend(going.iter().map(|name| piece.go(name)));
            into.extend(coming.iter().map(|name| piece.come(name)));
        }
        // The data directory is the first piece, and `global` its first entry.
        into.reverse();
        let last = into.split_off(into.len().saturating_sub(1));
        let rest = out.split_off(out.len().min(1));
        let phases = [out, rest, into, last].into_iter().flat_map(flushed).collect::<Vec<_>>();
        Ok(Journal(phases.into_iter().chain(self.tidying()).collect()))
    }

    fn tidying(&self) -> Vec<Step> {
        let folders = self.mounts.iter().map(|mount| format!("{mount}/{FOLDER}/{}", self.from));
        if self.from == "new" {
            return folders.map(Step::Sweep).collect();
        }
        let mark = |folder: String| [Step::Forget(format!("{folder}.json")), Step::Prune(folder)];
        folders.flat_map(mark).collect()
    }

    fn pieces(&self) -> Result<Vec<Piece>, TwinError> {
        let mut pieces = vec![self.piece(&self.live.data, false)?];
        let logs = self.live.write_ahead_log.iter().chain(&self.coming.write_ahead_log);
        for log in logs.collect::<BTreeSet<_>>() {
            pieces.push(self.piece(log, false)?);
        }
        // One that only the old cluster has on no volume stays where it is, and goes with the container as ever.
        let old = self.live.tablespaces.iter().filter(|location| self.mount_of(location).is_some());
        for location in old.chain(&self.coming.tablespaces).collect::<BTreeSet<_>>() {
            pieces.push(self.piece(location, true)?);
        }
        Ok(pieces)
    }

    fn piece(&self, path: &str, is_tablespace: bool) -> Result<Piece, TwinError> {
        let path = path.trim_end_matches('/');
        let mount = self.mount_of(path).ok_or_else(|| TwinError::NotOnAVolume { path: path.to_owned() })?;
        let aside = |folder: &str| format!("{mount}/{FOLDER}/{folder}{}", &path[mount.len()..]);
        let (coming, going) = (aside(self.from), aside(self.to));
        Ok(Piece { live: path.to_owned(), coming, going, is_tablespace })
    }

    fn mount_of(&self, path: &str) -> Option<&String> {
        self.mounts.iter().filter(|mount| lies_in(path, mount)).max_by_key(|mount| mount.len())
    }

    fn is_of(&self, files: &ServerFiles, path: &str) -> bool {
        std::iter::once(&files.data).chain(files.outside()).any(|own| own.trim_end_matches('/') == path)
    }

    fn refuse_incomplete(&self, pieces: &[Piece], listing: &Listing) -> Result<(), TwinError> {
        let data = listing.of(&pieces[0].coming);
        let missing =
            ["PG_VERSION", "global"].into_iter().find(|&entry| !data.iter().any(|name| name == entry));
        missing.map_or(Ok(()), |entry| Err(TwinError::Incomplete { entry }))
    }
}

impl Piece {
    /// Those of a cluster, `global` first.
    fn entries(&self, all: &[String]) -> Vec<String> {
        let is_own =
            |name: &&String| if self.is_tablespace { name.starts_with("PG_") } else { *name != FOLDER };
        let mut names: Vec<String> = all.iter().filter(is_own).cloned().collect();
        names.sort_by_key(|name| name != "global");
        names
    }

    fn go(&self, name: &str) -> Step {
        Step::Go { from: format!("{}/{name}", self.live), to: format!("{}/{name}", self.going) }
    }

    fn come(&self, name: &str) -> Step {
        Step::Come { from: format!("{}/{name}", self.coming), to: format!("{}/{name}", self.live) }
    }

    /// What is there, and of no cluster, is not written over.
    fn refuse_occupied(
        &self,
        listing: &Listing,
        going: &[String],
        coming: &[String],
    ) -> Result<(), TwinError> {
        let stays = |name: &&String| listing.of(&self.live).contains(name) && !going.contains(name);
        match coming.iter().find(stays) {
            Some(name) => Err(TwinError::Occupied { path: format!("{}/{name}", self.live) }),
            None => Ok(()),
        }
    }
}

/// The renames, then each directory that they have changed.
fn flushed(steps: Vec<Step>) -> Vec<Step> {
    let parent = |path: &String| path.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    let both = steps.iter().flat_map(|step| match step {
        Step::Go { from, to } | Step::Come { from, to } => [parent(from), parent(to)],
        _ => [None, None],
    });
    let changed: BTreeSet<String> = both.flatten().collect();
    steps.into_iter().chain(changed.into_iter().map(Step::Flush)).collect()
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| match step {
            Step::Go { from, to } => writeln!(f, "go\n{from}\n{to}"),
            Step::Come { from, to } => writeln!(f, "come\n{from}\n{to}"),
            Step::Flush(directory) => writeln!(f, "flush\n{directory}\n"),
            Step::Prune(directory) => writeln!(f, "prune\n{directory}\n"),
            Step::Sweep(directory) => writeln!(f, "sweep\n{directory}\n"),
            Step::Forget(file) => writeln!(f, "forget\n{file}\n"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(log: Option<&str>, tablespaces: &[&str]) -> ServerFiles {
        ServerFiles {
            data: "/v/15/docker".to_owned(),
            write_ahead_log: log.map(str::to_owned),
            tablespaces: tablespaces.iter().map(|&location| location.to_owned()).collect(),
        }
    }

    fn lines(journal: &Journal) -> Vec<String> {
        let moves = journal.0.iter().filter_map(|step| match step {
            Step::Go { from, to } | Step::Come { from, to } => Some(format!("{from} > {to}")),
            _ => None,
        });
        moves.collect()
    }

    fn journal(live: &ServerFiles, coming: &ServerFiles, listing: &str) -> Result<Journal, TwinError> {
        let mounts = ["/v".to_owned(), "/ts".to_owned()];
        let clusters = Clusters { live, coming, from: "new", to: "previous-1", mounts: &mounts };
        clusters.journal(&Listing::read(listing))
    }

    const DATA: &str = "in\t/v/15/docker\nis\tPG_VERSION\nis\tbase\nis\tdbctl\nis\tglobal\n\
                        in\t/v/dbctl/new/15/docker\nis\tPG_VERSION\nis\tbase\nis\tglobal\n";

    #[test]
    fn the_control_file_goes_first_and_comes_last() {
        let moves = lines(&journal(&files(None, &[]), &files(None, &[]), DATA).unwrap());
        let expected = [
            "/v/15/docker/global > /v/dbctl/previous-1/15/docker/global",
            "/v/15/docker/PG_VERSION > /v/dbctl/previous-1/15/docker/PG_VERSION",
            "/v/15/docker/base > /v/dbctl/previous-1/15/docker/base",
            "/v/dbctl/new/15/docker/base > /v/15/docker/base",
            "/v/dbctl/new/15/docker/PG_VERSION > /v/15/docker/PG_VERSION",
            "/v/dbctl/new/15/docker/global > /v/15/docker/global",
        ];
        assert_eq!(moves, expected);
    }

    #[test]
    fn a_tablespace_moves_in_its_own_volume_and_leaves_other_files_where_they_are() {
        let listing = format!(
            "{DATA}in\t/ts/a\nis\tPG_15_1\nis\tnotes\nin\t/ts/dbctl/new/a\nis\tPG_15_1\nin\t/ts/dbctl/new/b\nis\tPG_15_1\n"
        );
        let moves =
            lines(&journal(&files(None, &["/ts/a"]), &files(None, &["/ts/a", "/ts/b"]), &listing).unwrap());
        let expected = [
            "/ts/a/PG_15_1 > /ts/dbctl/previous-1/a/PG_15_1",
            "/ts/dbctl/new/b/PG_15_1 > /ts/b/PG_15_1",
            "/ts/dbctl/new/a/PG_15_1 > /ts/a/PG_15_1",
        ];
        let of_tablespaces: Vec<_> = moves.iter().filter(|line| line.starts_with("/ts")).collect();
        assert_eq!(of_tablespaces, expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn between_two_phases_the_directories_are_on_the_disk() {
        let text = journal(&files(None, &[]), &files(None, &[]), DATA).unwrap().to_string();
        let second = text.find("docker/base").unwrap();
        assert!(text[..second].contains("flush\n/v/15/docker\n\n"), "{text}");
        assert!(text.ends_with("sweep\n/v/dbctl/new\n\nsweep\n/ts/dbctl/new\n\n"), "{text}");
    }

    #[test]
    fn a_tablespace_on_no_volume_is_refused() {
        let error = journal(&files(None, &[]), &files(None, &["/opt/a"]), DATA).unwrap_err().to_string();
        assert!(error.contains("`/opt/a` lies on no volume"), "{error}");
    }

    #[test]
    fn what_is_of_no_cluster_is_not_written_over() {
        let listing = format!("{DATA}in\t/ts/w\nis\t00001\nin\t/ts/dbctl/new/w\nis\t00001\n");
        let error = journal(&files(None, &[]), &files(Some("/ts/w"), &[]), &listing).unwrap_err().to_string();
        assert!(error.contains("/ts/w/00001"), "{error}");
    }

    #[test]
    fn an_incomplete_data_directory_never_comes_into_service() {
        let listing = "in\t/v/15/docker\nis\tglobal\nin\t/v/dbctl/new/15/docker\nis\tPG_VERSION\n";
        let error = journal(&files(None, &[]), &files(None, &[]), listing).unwrap_err().to_string();
        assert!(error.contains("no `global`"), "{error}");
    }
}
