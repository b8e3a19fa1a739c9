//! Layers and their ready clones: what a fresh build begins with, and what it leaves for the next.

use jiff::Timestamp;

use super::{Generation, GenerationError, Generations, Kind, Mark, SIZE, Sessions, comment, mark};
use crate::database::Guard;
use crate::layer::{Ground, Layer, LayerKey};

/// What a new database begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nothing but what the server's own template holds.
    Empty,
    /// A copy of the layer.
    Layer(LayerKey),
    /// The clone of the layer that lies ready.
    Prepared(LayerKey),
}

/// The layers of a service, and those of which a clone lies ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    pub layers: Vec<Layer>,
    pub prepared: Vec<LayerKey>,
}

/// What all databases of the server begin with: the template's properties, and the settings that were not made by
/// statements (`ALTER SYSTEM`, `ALTER ROLE` are the scripts' doing, or a hand's).
const GROUND: &str = "\
SELECT 'template ' || p.key, p.value
FROM pg_catalog.pg_database AS d, pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(d)) AS p
WHERE d.datname = 'template1'
  AND p.key IN ('encoding', 'datcollate', 'datctype', 'datlocprovider', 'daticulocale', 'datlocale', 'daticurules')
UNION ALL
SELECT s.name, s.setting FROM pg_catalog.pg_settings AS s
WHERE s.source IN ('environment variable', 'configuration file', 'command line')
  AND (s.sourcefile IS NULL OR s.sourcefile !~ 'postgresql[.]auto[.]conf$')
UNION ALL
SELECT 'version', pg_catalog.current_setting('server_version')
UNION ALL
SELECT 'system', (SELECT system_identifier::text FROM pg_catalog.pg_control_system())";

impl Generations<'_> {
    /// All layers with their sizes where `sized` asks for them, and the clones that lie ready.
    pub fn layers(&mut self, sized: bool) -> Result<Layers, GenerationError> {
        let found =
            if sized { self.marked(SIZE, "d.datname ~ '^dbctl_(layer|clone)_'")? } else { self.all()? };
        let whole = || found.iter().filter(|found| !found.half_dropped);
        let of_kind = |kind: Kind| whole().filter(move |found| found.mark.kind == kind);
        let prepared = of_kind(Kind::Clone).filter_map(|found| found.mark.key.as_deref());
        Ok(Layers {
            layers: of_kind(Kind::Layer).filter_map(layer).collect(),
            prepared: prepared.map(LayerKey::from_text).collect(),
        })
    }

    /// What a database begins with here. `image` is the container's; without one the system's identifier stands for
    /// the server.
    pub fn ground(
        &mut self,
        image: Option<&str>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Ground, GenerationError> {
        let rows = self.database.rows("what the server begins with", GROUND)?;
        let mut settings: Vec<(String, String)> = rows
            .iter()
            .filter_map(|row| Some((row.get(0)?.to_owned(), row.get(1).unwrap_or_default().to_owned())))
            .collect();
        let mut taken = |name: &str| {
            let at = settings.iter().position(|(known, _)| known == name);
            at.map(|at| settings.swap_remove(at).1).unwrap_or_default()
        };
        let (server_version, system) = (taken("version"), taken("system"));
        settings.extend(variables.into_iter().map(|(name, value)| (format!(":{name}"), value)));
        Ok(Ground {
            image: image.map_or(system, str::to_owned),
            server_version,
            user: self.login.user.clone(),
            database: self.of.clone(),
            settings,
        })
    }

    /// A database to build on, marked as building; its name. With all that the scripts of a layer have set on the
    /// database itself.
    ///
    /// # Errors
    /// [`GenerationError::Missing`] where the layer is not there any more.
    pub fn begin(&mut self, origin: &Origin) -> Result<String, GenerationError> {
        match origin {
            Origin::Empty => {
                let mark = Mark::new(Kind::Building, &self.of);
                self.clone("template1", &mark, Sessions::Respect)
            }
            Origin::Layer(key) => {
                let layer = self.of_key(Kind::Layer, key)?;
                self.copied(&layer.database, Sessions::Respect)
            }
            Origin::Prepared(key) => self.claim(key),
        }
    }

    /// Keeps a copy of `building` as a layer, unless there is one of that key. Sessions in it are ended.
    pub fn keep_layer(
        &mut self,
        building: &str,
        key: &LayerKey,
        through: Option<&str>,
    ) -> Result<(), GenerationError> {
        match self.of_key(Kind::Layer, key) {
            Ok(_) => return Ok(()),
            Err(GenerationError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
        let copy = self.copied(building, Sessions::End)?;
        self.finish_layer(&copy, key, through)
    }

    /// Makes a layer of a complete `building` database, which is no longer one to build on.
    pub fn finish_layer(
        &mut self,
        building: &str,
        key: &LayerKey,
        through: Option<&str>,
    ) -> Result<(), GenerationError> {
        let mark = Mark {
            key: Some(key.to_string()),
            through: through.map(str::to_owned),
            ..Mark::new(Kind::Layer, &self.of)
        };
        self.finish(building, &mark).map(drop)
    }

    /// Lays a clone of the layer ready, once `touch` has had it.
    pub fn prepare<E: From<GenerationError>>(
        &mut self,
        key: &LayerKey,
        touch: impl FnOnce(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let building = self.begin(&Origin::Layer(key.clone()))?;
        touch(&building)?;
        let mark = Mark { key: Some(key.to_string()), ..Mark::new(Kind::Clone, &self.of) };
        Ok(self.finish(&building, &mark).map(drop)?)
    }

    /// Drops what was being built, which a script may have given a comment of its own.
    pub fn give_up(&mut self, building: &str) -> Result<(), GenerationError> {
        match self.drop(building, Kind::Building) {
            Err(GenerationError::OtherKind { found: None, .. })
                if building.starts_with(&mark::name_prefix(Kind::Building, &self.of)) =>
            {
                self.remove(building, true)
            }
            outcome => outcome,
        }
    }

    /// What guards everything outside the database that is being built.
    pub fn guard(&mut self) -> Result<Guard, GenerationError> {
        Ok(self.database.guard()?)
    }

    /// Drops the layer and its ready clones, or with none of a key all those that are not `kept`.
    pub fn drop_layers(
        &mut self,
        kept: impl Fn(&LayerKey) -> bool,
        kind: Kind,
    ) -> Result<u32, GenerationError> {
        let mut dropped = 0;
        for found in self.all()? {
            let key = found.mark.key.as_deref().map(LayerKey::from_text);
            if found.mark.kind == kind && !key.is_some_and(|key| kept(&key)) {
                self.drop(&found.database, kind)?;
                dropped += 1;
            }
        }
        Ok(dropped)
    }

    /// The ready clone of a layer, as it is: complete, and nothing is to run in it.
    ///
    /// # Errors
    /// [`GenerationError::Missing`] where it is not there any more.
    pub fn ready(&mut self, key: &LayerKey) -> Result<String, GenerationError> {
        Ok(self.of_key(Kind::Clone, key)?.database)
    }

    /// A ready clone becomes a database to build on: whoever is killed from now on leaves nothing that looks ready.
    fn claim(&mut self, key: &LayerKey) -> Result<String, GenerationError> {
        let found = self.of_key(Kind::Clone, key)?;
        let mark = Mark { kind: Kind::Building, ..found.mark };
        self.change("taking a ready clone", &comment(&found.database, Some(&mark.text())))?;
        Ok(found.database)
    }

    fn of_key(&mut self, kind: Kind, key: &LayerKey) -> Result<Generation, GenerationError> {
        let mut found = self.all()?;
        found.retain(|found| {
            !found.half_dropped
                && found.mark.kind == kind
                && found.mark.key.as_deref() == Some(&key.to_string())
        });
        found.pop().ok_or_else(|| GenerationError::Missing { database: format!("of {kind} {key}") })
    }
}

fn layer(found: &Generation) -> Option<Layer> {
    let used = found.mark.used.as_deref().or(found.mark.since.as_deref());
    let used = used.and_then(|text| text.parse::<Timestamp>().ok()).map_or(0, Timestamp::as_microsecond);
    Some(Layer {
        key: LayerKey::from_text(found.mark.key.as_deref()?),
        through: found.mark.through.clone(),
        bytes: found.size,
        used,
    })
}
