import CGuestfs
import Foundation
import Support

/// What must hold of a Windows before anything of it is changed.
struct WindowsChecks {
  /// Free space that drivers, hives and the first start's files need at least.
  private static let neededBytes: Int64 = 100 << 20

  private static let openLog =
    "The system volume was backed up while it was in use: what its log holds and its files do not is lost, and it is "
    + "marked to be checked at the first start."

  let guest: GuestfsHandle
  let device: String

  /// The state of the system volume, before it is mounted for writing. One with an open log is marked to be checked.
  ///
  /// - Parameter isMarked: Whether an earlier preparation marked it, which is no reason to refuse it now.
  /// - Returns: A warning about an open log, if there was one.
  func checkVolume(isMarked: Bool) throws(AscendError) -> String? {
    let volume = try NTFSVolume { offset, count throws(AscendError) in
      try guest.readDevice(device, count: Int32(count), offset: offset)
    }
    guard let volume else {
      throw AscendError(
        "guest.filesystemDamaged", "The guest's system volume cannot be read as NTFS", object: device,
        remedy: "Let Windows check it on the source machine (chkdsk /f), and back it up again")
    }
    guard !volume.isDirty || isMarked else {
      throw AscendError(
        "guest.filesystemDirty", "Windows has marked the guest's system volume as damaged", object: device,
        remedy: "Let Windows check it on the source machine (chkdsk /f), shut it down and back it up again, or restore "
          + "without guest preparation")
    }
    guard volume.hasOpenLog else { return isMarked ? Self.openLog : nil }
    try guest.run("marking the volume to be checked", device) { guestfs_ntfsfix_argv($0, device, nil) }
    return Self.openLog
  }

  /// Whether the machine was hibernated, or shut down in the way that only looks like it. The volume must be mounted.
  func checkHibernation(_ windows: WindowsGuest) throws(AscendError) {
    for name in try guest.list("/") where name.lowercased() == "hiberfil.sys" {
      let path = "/\(name)"
      guard try guest.isFile(path) else { continue }
      let head = try guest.head(of: path, count: 4)
      guard String(decoding: head, as: UTF8.self).lowercased() == "hibr" else { continue }
      throw AscendError(
        "guest.hibernated",
        windows.fastStartup
          ? "The guest was hibernated, or shut down with fast start-up, when it was backed up"
          : "The guest was hibernated when it was backed up", object: path,
        remedy: "Run powercfg /h off on the source machine, shut it down and back it up again; a change now would "
          + "damage its filesystems")
    }
  }

  /// A volume can be mounted for writing and still refuse it: tried once before the work.
  func checkWriting() throws(AscendError) {
    let path = "/.ascend-write-test"
    do throws(AscendError) {
      try guest.run("writing", path) { guestfs_touch($0, path) }
      try guest.removeFile(path)
    } catch {
      guard error.code == "guest.callFailed" else { throw error }
      throw AscendError(
        "guest.notWritable", "The guest's system volume cannot be written to", object: device, cause: error.cause,
        remedy: "Shut the source machine down cleanly (powercfg /h off, then shutdown), and back it up again")
    }
    try FreeSpace.require(Self.neededBytes, at: "/", guest)
  }

  /// Whether a hive was being written when the machine was backed up: Windows counts before and after.
  func hiveWarning(_ path: String) throws(AscendError) -> String? {
    let bytes = NTFSBytes(try guest.head(of: path, count: 16))
    guard bytes.number(4, 4) != bytes.number(8, 4) else { return nil }
    return "\(path) has changes in its log that are not taken over: settings of the last hour before the backup may be "
      + "lost. A backup of a machine that was shut down has none."
  }
}
