//! `\timing`: how long a statement took.

use std::fmt;
use std::time::Instant;

/// A statement's time, from its sending on.
pub(super) struct Timing(Instant);

impl Timing {
    pub fn begin() -> Self {
        Self(Instant::now())
    }
}

/// psql's line; from a second on, with the time in minutes, hours and days too.
impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let elapsed = self.0.elapsed();
        let (millis, micros) = (elapsed.as_millis(), elapsed.subsec_micros() % 1000);
        write!(f, "Time: {millis}.{micros:03} ms")?;
        let (minutes, seconds) = (elapsed.as_secs() / 60, elapsed.as_secs() % 60);
        let (hours, days) = (minutes / 60, minutes / 60 / 24);
        let thousandths = elapsed.subsec_millis();
        match (elapsed.as_secs(), hours, days) {
            (0, ..) => {}
            (_, 0, _) => write!(f, " ({minutes:02}:{seconds:02}.{thousandths:03})")?,
            (_, _, 0) => write!(f, " ({hours:02}:{:02}:{seconds:02}.{thousandths:03})", minutes % 60)?,
            _ => {
                let (hours, minutes) = (hours % 24, minutes % 60);
                write!(f, " ({days:.0} d {hours:02}:{minutes:02}:{seconds:02}.{thousandths:03})")?;
            }
        }
        writeln!(f)
    }
}
