//! The live picture of the demonstration: a quiet test picture with a running clock, made by ffmpeg beside the server.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use tokio::process::{Child, Command};

/// Frames a second. Enough for a clock, a third of the work of television.
const FPS: u32 = 15;
/// Length of a segment: the delay of a viewer is about three of them.
const SEGMENT_S: u32 = 2;
/// Segments in the playlist.
const SEGMENTS: u32 = 8;
/// How long an encoder may take to show that it works.
const PROBE_MAX: Duration = Duration::from_secs(10);
/// Pause before an encoder that ended is started again.
const AGAIN_AFTER: Duration = Duration::from_secs(3);
/// Starts the encoder and ends it when its standard input ends, which the system closes however we end, `kill -9` included:
/// an encoder without a server would run for ever.
const WATCHED: &str = r#"exec 3<&0; "$@" </dev/null & p=$!; { cat <&3 >/dev/null; kill "$p"; } 2>/dev/null & wait "$p"; s=$?; kill $! 2>/dev/null; exit $s"#;

/// An encoder that works on this machine.
#[derive(Debug, Clone)]
pub struct Encoder {
    /// The filter graph that makes the picture.
    graph: String,
}

/// The picture while it runs.
#[derive(Debug)]
pub struct Picture {
    keeper: tokio::task::JoinHandle<()>,
    stop: tokio_util::sync::CancellationToken,
}

impl Encoder {
    /// The best picture this machine can make: with a clock in a font that has Chinese, with any font, without text; `None` without ffmpeg.
    pub async fn find() -> Option<Self> {
        let mut graphs = Vec::new();
        if let Some(font) = font("sans:lang=zh-cn", "zh-cn").await {
            graphs.push(with_clock(&font, "水电气计价与安全管理", "演示画面"));
        }
        if let Some(font) = font("sans", "").await {
            graphs.push(with_clock(&font, "", "demonstration"));
        }
        graphs.push(format!("testsrc2=size=640x360:rate={FPS}"));
        for graph in graphs {
            if works(&graph).await {
                return Some(Self { graph });
            }
        }
        None
    }

    /// Starts writing into a folder, which is made.
    pub fn start(self, folder: PathBuf) -> anyhow::Result<Picture> {
        std::fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
        let stop = tokio_util::sync::CancellationToken::new();
        let keeper = tokio::spawn(self.keep_running(folder, stop.clone()));
        Ok(Picture { keeper, stop })
    }

    async fn keep_running(self, folder: PathBuf, stop: tokio_util::sync::CancellationToken) {
        loop {
            match self.spawn(&folder) {
                Ok(mut child) => {
                    // Held here: waiting for a child closes its input, and the watching shell ends the encoder with it.
                    let input = child.stdin.take();
                    tokio::select! {
                        ended = child.wait() => tracing::warn!(?ended, "the encoder of the test picture ended; it is started again in {} s", AGAIN_AFTER.as_secs()),
                        () = stop.cancelled() => {
                            drop(input);
                            return end(child).await;
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the encoder of the test picture did not start; next try in {} s", AGAIN_AFTER.as_secs())
                }
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN_AFTER) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    fn spawn(&self, folder: &std::path::Path) -> std::io::Result<Child> {
        let (keyframes, bits) = ((FPS * SEGMENT_S).to_string(), "220k");
        let mut command = Command::new("sh");
        command.args([
            "-c",
            WATCHED,
            "sh",
            "ffmpeg",
            "-hide_banner",
            "-loglevel",
            "error",
            "-nostdin",
        ]);
        command.args([
            "-re",
            "-f",
            "lavfi",
            "-i",
            &self.graph,
            "-f",
            "lavfi",
            "-i",
            "anullsrc=channel_layout=mono:sample_rate=44100",
        ]);
        command.args([
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-tune",
            "zerolatency",
            "-profile:v",
            "baseline",
            "-pix_fmt",
            "yuv420p",
            "-threads",
            "1",
        ]);
        command.args([
            "-b:v",
            bits,
            "-maxrate",
            bits,
            "-bufsize",
            "440k",
            "-g",
            &keyframes,
            "-keyint_min",
            &keyframes,
            "-sc_threshold",
            "0",
        ]);
        command.args(["-c:a", "aac", "-b:a", "32k", "-ac", "1"]);
        command.args([
            "-f",
            "hls",
            "-hls_time",
            &SEGMENT_S.to_string(),
            "-hls_list_size",
            &SEGMENTS.to_string(),
        ]);
        // Numbers by the clock: a segment's name is never used twice, so that it may be cached for ever.
        command.args([
            "-hls_flags",
            "delete_segments+program_date_time+independent_segments+temp_file",
            "-hls_start_number_source",
            "epoch",
        ]);
        command
            .arg("-hls_segment_filename")
            .arg(folder.join("seg-%d.ts"))
            .arg(folder.join("index.m3u8"));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

impl Picture {
    /// Ends the encoder.
    pub async fn stop(self) {
        self.stop.cancel();
        let _ = self.keeper.await;
    }
}

async fn end(mut child: Child) {
    if tokio::time::timeout(Duration::from_secs(2), child.wait())
        .await
        .is_err()
    {
        let _ = child.kill().await;
    }
}

/// A calm ground, a line that moves so that one sees the picture is alive, the clock of this machine.
fn with_clock(font: &str, title: &str, note: &str) -> String {
    let text = |text: &str, size: u32, y: &str, color: &str| {
        format!("drawtext=fontfile='{font}':text='{text}':fontsize={size}:fontcolor={color}:x=(w-tw)/2:y={y}")
    };
    let mut filters = vec![format!("color=c=0x0b3f44:size=640x360:rate={FPS}")];
    if !title.is_empty() {
        filters.push(text(title, 34, "78", "white"));
    }
    filters.push(text(r"%{localtime\:%T}", 72, "142", "white"));
    filters.push(text(note, 20, "250", "0xa9cfd0"));
    filters.push("drawbox=x=0:y=318:w=iw:h=6:color=0x125a60:t=fill".to_owned());
    filters.push(format!(
        "drawtext=fontfile='{font}':text='●':fontsize=14:fontcolor=0xf2b84b:x=mod(t*40\\,w+80)-60:y=312"
    ));
    filters.join(",")
}

/// File of a font that the font database knows, if it has the language.
async fn font(pattern: &str, language: &str) -> Option<String> {
    let output = Command::new("fc-match")
        .args(["--format=%{file}|%{lang}", pattern])
        .stdin(Stdio::null())
        .output()
        .await
        .ok()?;
    let line = String::from_utf8(output.stdout).ok()?;
    let (file, languages) = line.split_once('|')?;
    // Such a name would end the quotes of the filter.
    let usable = !file.is_empty() && !file.contains(['\'', '\\', ':', '%']);
    (output.status.success() && usable && languages.contains(language)).then(|| file.to_owned())
}

/// Whether the graph and the encoders are there: makes one second of it into nothing.
async fn works(graph: &str) -> bool {
    let mut command = Command::new("ffmpeg");
    command.args([
        "-hide_banner",
        "-loglevel",
        "quiet",
        "-nostdin",
        "-f",
        "lavfi",
        "-i",
        graph,
        "-f",
        "lavfi",
        "-i",
        "anullsrc=channel_layout=mono:sample_rate=44100",
    ]);
    command.args([
        "-t",
        "0.2",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "aac",
        "-f",
        "null",
        "-",
    ]);
    let run = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    matches!(tokio::time::timeout(PROBE_MAX, run).await, Ok(Ok(status)) if status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
        for _ in 0..300 {
            if is_so() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("30 s without {what}");
    }

    /// Without ffmpeg there is no picture, which is what this then shows.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_picture_is_written_as_a_playlist_with_times_until_it_is_stopped() {
        let Some(encoder) = Encoder::find().await else {
            return;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let picture = encoder
            .start(folder.path().join("session"))
            .expect("a folder in it");
        let playlist = folder.path().join("session/index.m3u8");
        let read = || std::fs::read_to_string(&playlist).unwrap_or_default();
        wait_for("two segments", || read().matches(".ts").count() >= 2).await;
        assert!(read().contains("#EXT-X-PROGRAM-DATE-TIME:"), "{}", read());
        picture.stop().await;
        let last = read();
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(read(), last, "nothing writes any more");
    }
}
