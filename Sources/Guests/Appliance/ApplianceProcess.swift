import Foundation
import Glibc

/// The QEMU processes that libguestfs started for one appliance.
enum ApplianceProcess {
  /// Kills this process's own children whose command line names `directory`, the appliance's private folder.
  ///
  /// libguestfs holds its handle's lock while it launches, so it cannot be asked for the process id in that time.
  static func kill(naming directory: String) {
    for pid in children() where commandLine(of: pid).contains(directory) {
      _ = Glibc.kill(pid, SIGKILL)
    }
  }

  private static func children() -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let own = getpid()
    return entries.compactMap { pid_t($0) }.filter { parent(of: $0) == own }
  }

  private static func parent(of pid: pid_t) -> pid_t? {
    // The second field is the program's name in parentheses and may hold anything, so the rest is read from its end.
    guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    let text = String(decoding: stat, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 1 ? pid_t(fields[1]) : nil
  }

  private static func commandLine(of pid: pid_t) -> String {
    String(decoding: FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data(), as: UTF8.self)
  }
}
