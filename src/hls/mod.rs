//! The live picture: names and kinds of HLS files.
//!
//! What an encoder beside the server writes into the media folder is served as it is; ingest, recording and time codes build on this.

/// What a file of a live picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Playlist,
    TransportStream,
    FragmentedMp4,
}

impl Kind {
    /// Its media type (RFC 8216 section 3 and 4).
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Playlist => "application/vnd.apple.mpegurl",
            Self::TransportStream => "video/mp2t",
            Self::FragmentedMp4 => "video/mp4",
        }
    }
    /// Whether it is written again and again.
    pub const fn is_playlist(self) -> bool {
        matches!(self, Self::Playlist)
    }
}

/// Longest file name, in bytes.
const NAME_BYTES_MAX: usize = 100;

/// The kind of a plain file name; `None` for anything else, such as a way out of the folder.
pub fn kind_of(name: &str) -> Option<Kind> {
    let plain = name.len() <= NAME_BYTES_MAX
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if !plain {
        return None;
    }
    match name.rsplit_once('.')?.1 {
        "m3u8" => Some(Kind::Playlist),
        "ts" => Some(Kind::TransportStream),
        "m4s" | "mp4" => Some(Kind::FragmentedMp4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_of_hls_files_are_served() {
        assert_eq!(kind_of("index.m3u8"), Some(Kind::Playlist));
        assert_eq!(kind_of("seg-000123.ts"), Some(Kind::TransportStream));
        for bad in [
            "",
            ".",
            "..",
            "../index.m3u8",
            "a/b.ts",
            ".hidden.ts",
            "key.txt",
            "x.ts\0",
            "名.ts",
            &format!("{}.ts", "a".repeat(200)),
        ] {
            assert_eq!(kind_of(bad), None, "{bad:?}");
        }
    }
}
