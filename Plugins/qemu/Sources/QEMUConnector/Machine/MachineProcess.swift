import Foundation

/// The running QEMU of a machine, if there is one: the process that was started with this machine's pid file.
enum MachineProcess {
  /// By the pid file; without one that tells the truth, by looking through all processes.
  static func find(_ folder: MachineFolder) -> RecordedProcess? {
    func isOurs(_ words: [String]) -> Bool {
      guard let option = words.firstIndex(of: "-pidfile"), option + 1 < words.count else { return false }
      return words[option + 1] == folder.pidFile
    }
    if let found = RecordedProcess.find(pidFile: folder.pidFile, isOurs) { return found }
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for number in entries.compactMap({ pid_t($0) }) {
      if let found = RecordedProcess.find(number, isOurs) { return found }
    }
    return nil
  }
}
