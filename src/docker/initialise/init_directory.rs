//! The image's init directory without the project's scripts.

use std::io;

use tar::{Archive, Builder};

use crate::docker::container_error::{ContainerError, Result};

/// The archive of `docker-entrypoint-initdb.d` without the named files; none if it holds none of them.
pub(super) fn without(archive: &[u8], project_scripts: &[String]) -> Result<Option<Vec<u8>>> {
    filtered(archive, project_scripts)
        .map_err(|source| ContainerError::system("reading the init files of the image", source))
}

fn filtered(archive: &[u8], project_scripts: &[String]) -> io::Result<Option<Vec<u8>>> {
    let mut kept = Builder::new(Vec::new());
    let mut found = false;
    for entry in Archive::new(archive).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        // Only what lies in the directory itself: the entrypoint ignores anything below.
        let name = path.components().nth(1).and_then(|name| name.as_os_str().to_str());
        if path.components().count() == 2
            && name.is_some_and(|name| project_scripts.iter().any(|one| one == name))
        {
            found = true;
            continue;
        }
        let mut header = entry.header().clone();
        match entry.link_name()? {
            Some(target) => kept.append_link(&mut header, path, target)?,
            None => kept.append_data(&mut header, path, &mut entry)?,
        }
    }
    let kept = kept.into_inner()?;
    Ok(found.then_some(kept))
}

#[cfg(test)]
mod tests {
    use tar::{Archive, Builder, Header};

    use super::without;

    fn archive(names: &[&str]) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        for name in names {
            let mut header = Header::new_gnu();
            header.set_size(3);
            header.set_mode(0o755);
            tar.append_data(&mut header, format!("docker-entrypoint-initdb.d/{name}"), &b"abc"[..]).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn names(archive: &[u8]) -> Vec<String> {
        let mut archive = Archive::new(archive);
        archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    }

    #[test]
    fn the_images_own_files_stay_when_the_projects_are_taken_out() {
        let both = archive(&["10_postgis.sh", "001_roles.sql"]);
        let own = without(&both, &["001_roles.sql".to_owned()]).unwrap().unwrap();
        assert_eq!(names(&own), ["docker-entrypoint-initdb.d/10_postgis.sh"]);
    }

    #[test]
    fn a_directory_without_project_scripts_needs_no_change() {
        let own = archive(&["10_postgis.sh"]);
        assert!(without(&own, &["001_roles.sql".to_owned()]).unwrap().is_none());
    }
}
