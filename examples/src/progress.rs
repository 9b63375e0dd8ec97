//! A progress bar on the error output; silent where nobody sees it.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts up to `total` of something, `what` being said in front of it.
pub fn bar(total: usize, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX)).with_message(what);
    // The template is written here and is a template; were it none, the plain bar does as well.
    let style = ProgressStyle::with_template("{msg:>12} {bar:40} {human_pos}/{human_len} {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
