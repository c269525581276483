import ConnectorProtocol
import Foundation

/// What is known of a disk on its way, in a file of the machine's folder: a new process continues from it.
struct DiskReceipt: Codable, Hashable, Sendable {
  /// Names the content that the file holds or will hold.
  var generation: String
  /// The counts, once all of it is durable.
  var counts: Counts?

  struct Counts: Codable, Hashable, Sendable {
    var read: Int64
    var sent: Int64
    var skipped: Int64
    /// The content digest of what was read.
    var digest: String?
    /// That of what was written, read back.
    var readBack: String?
  }

  static func path(_ disk: MachinePlan.Disk, in folder: MachineFolder) -> String {
    "\(folder.transfers)/disk\(disk.index).json"
  }

  static func read(_ disk: MachinePlan.Disk, in folder: MachineFolder) throws -> DiskReceipt? {
    let file: Descriptor
    do { file = try Descriptor.open(path(disk, in: folder), O_RDONLY | O_NOFOLLOW) } catch let error
      where error.number == ENOENT
    { return nil }
    return try? JSONDecoder().decode(DiskReceipt.self, from: try file.read(from: 0, limit: 1 << 16))
  }

  func write(_ disk: MachinePlan.Disk, in folder: MachineFolder) throws {
    guard mkdir(folder.transfers, 0o700) == 0 || errno == EEXIST else {
      throw SystemError("mkdir", folder.transfers)
    }
    try AtomicFile.write(try CanonicalJSON.encode(self), to: Self.path(disk, in: folder))
  }
}
