//! What an author of scripts uses: `lint` and `new`. No Docker; a server started for the test where one is asked.

mod lint;
mod mending;
mod new;
mod rules;
