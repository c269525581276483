import CSpawn
import Glibc

/// Ends a connector's process group when the host is gone.
///
/// A connector leaves when its input ends, which happens whatever way the host dies. One that ignores this is ended by
/// a shell that holds the other end of a pipe: nothing to read there means that the host has died.
struct Reaper {
  private let pid: pid_t
  private let channel: Int32

  /// Waits for its input; then for the group to leave by itself; then ends it.
  private static let script = """
    read -r word && exit 0
    i=0
    while kill -s 0 -- "-$1" 2>/dev/null; do
      i=$((i + 1))
      if [ "$i" -eq "$2" ]; then kill -s TERM -- "-$1"; fi
      if [ "$i" -ge $(($2 + 20)) ]; then kill -s KILL -- "-$1"; exit 0; fi
      sleep 0.1
    done
    """

  /// Nil where it cannot be started: the session then does without.
  init?(group: pid_t, grace: Duration) {
    var reading: Int32 = -1
    var writing: Int32 = -1
    guard cspawn_pipe(&reading, &writing) == 0 else { return nil }
    defer { close(reading) }
    let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard null >= 0 else {
      close(writing)
      return nil
    }
    defer { close(null) }
    let tenths = max(1, Int(grace.seconds * 10))
    let launch = ProcessLaunch(
      executable: "/bin/sh", arguments: ["-c", Self.script, "ascend-reaper", String(group), String(tenths)],
      environment: ["PATH": "/usr/bin:/bin"], folder: "/")
    guard let pid = try? launch.start(input: reading, output: null, error: null) else {
      close(writing)
      return nil
    }
    self.pid = pid
    self.channel = writing
  }

  /// The group has ended: nothing is left to do.
  func dismiss() {
    var newline = UInt8(ascii: "\n")
    _ = write(channel, &newline, 1)
    close(channel)
    var code: Int32 = 0
    var signal: Int32 = 0
    _ = cspawn_reap(pid, &code, &signal)
  }
}
