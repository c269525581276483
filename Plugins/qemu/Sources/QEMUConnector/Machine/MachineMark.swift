import ConnectorProtocol
import Foundation

/// `ascend.json`: whose a machine's folder is. A folder without it is never touched.
struct MachineMark: Codable, Hashable, Sendable {
  static let currentSchema = "qemu-machine/1"
  /// More than any mark of ours holds.
  static let longest = 1 << 20

  var schema: String = MachineMark.currentSchema
  var job: JobID
  var name: String
  /// RFC 3339.
  var created: String
  var state: State
  /// True after `job/commit`: the machine is its owner's, and no job removes it any more.
  var committed: Bool
  /// How it was made.
  var plan: MachinePlan
  /// What its disks and network interfaces are attached by since `machine/promote`; nil where that is as planned.
  var hardware: MachineHardware?
  /// True while the files that describe it are being written anew.
  var isRewriting: Bool?
  /// What `machine/configure` added.
  var tags: [String: String]?
  var notes: String?

  enum State: String, Codable, Sendable {
    /// Its disks are on their way.
    case receiving
    /// It can be started.
    case complete
  }

  /// The mark of the folder, or nil where there is none that can be read.
  ///
  /// A symbolic link is no folder of ours, wherever it leads.
  static func read(_ folder: MachineFolder) throws -> MachineMark? {
    var facts = stat()
    guard lstat(folder.path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else { return nil }
    let file: Descriptor
    do { file = try Descriptor.open(folder.mark, O_RDONLY | O_NOFOLLOW) } catch let error {
      if [ENOENT, ENOTDIR, ELOOP].contains(error.number) { return nil }
      throw error
    }
    let data = try file.read(from: 0, limit: longest)
    guard let mark = try? JSONDecoder().decode(MachineMark.self, from: data), mark.schema == currentSchema else {
      return nil
    }
    return mark
  }

  func write(_ folder: MachineFolder) throws {
    try AtomicFile.write(try CanonicalJSON.encodePretty(self) + Data("\n".utf8), to: folder.mark)
  }

  /// The machine as it is now.
  var machine: MachinePlan {
    get throws { try hardware.map(plan.attached(by:)) ?? plan }
  }

  /// True where `job` may change and remove it.
  func belongs(to job: JobID) -> Bool { self.job == job && !committed }
}
