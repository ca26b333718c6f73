//! Reads forms that were posted.

/// Longest body of a form, in bytes: an address of 2 KB, percent-encoded, and hundreds of sites.
pub const MAX_BODY: usize = 32_768;
/// How many fields are read at most; the rest is ignored.
const MAX_FIELDS: usize = 600;

/// The fields of an urlencoded form, in the order of the page.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body; what is not UTF-8 in it becomes replacement characters.
    pub fn parse(body: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(body).take(MAX_FIELDS);
        Self(
            pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// The first field of that name, without surrounding space; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The values of all fields with that name, in the order of the page.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.0.iter().filter(move |(known, _)| known == name);
        found.map(|(_, value)| value.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let form = Form::parse(b"url=+coned.com%2Fa+&site=1&site=2&bad=%ff");
        assert_eq!(form.text("url"), "coned.com/a");
        assert_eq!(form.all("site").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.text("none"), "");
        assert_eq!(form.text("bad"), "\u{fffd}");
        let many = "a=1&".repeat(10_000);
        assert_eq!(Form::parse(many.as_bytes()).all("a").count(), MAX_FIELDS);
    }
}
