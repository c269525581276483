public import Backups
import ConnectorProtocol
public import Disks
import Foundation
public import Support

/// Reads disks whole for their content digests, and keeps those of backups in the catalog.
public struct DigestService: Sendable {
  let store: Store
  let state: StateDirectory

  public init(store: Store, state: StateDirectory) {
    self.store = store
    self.state = state
  }

  /// A disk of a backup, as it is read now.
  public struct Reading: Codable, Sendable {
    public var index: Int
    public var content: DiskDigest
    /// What the catalog holds of it.
    public var recorded: ContentRecord?

    /// True where it is not what it was when it was first read.
    public var differs: Bool { recorded.map { $0.digest != content.digest } ?? false }
  }

  /// The content digest of a disk. Reads it all, but for its zeros.
  public func digest(
    of chain: DiskChain, progress: @escaping DiskDigest.Progress = { _, _ in }
  ) async throws(AscendError) -> DiskDigest {
    let id = JobID(TimeOrderedUUID.make())
    let folder = state.path + "/digests/" + id.rawValue
    try StateDirectory.makePrivate(folder)
    let socket = try SocketPath.of(job: id, folder: folder, disk: 0)
    defer {
      try? FileManager.default.removeItem(atPath: folder)
      let place = (socket as NSString).deletingLastPathComponent
      if place != folder { rmdir(place) }
    }
    return try await DiskDigest.compute(of: chain, socket: socket, progress: progress)
  }

  /// Reads the disks of a backup and compares them with the catalog. A disk of which the catalog holds nothing is
  /// recorded, if its files have not changed since the backup was added.
  ///
  /// - Parameters:
  ///   - index: Only this disk.
  ///   - record: False to record nothing.
  /// - Throws: `backup.noSuchDisk`, `backup.changed`.
  public func read(
    _ backup: BackupRecord, disk index: Int? = nil, record: Bool = true,
    progress: @escaping DiskDigest.Progress = { _, _ in }
  ) async throws(AscendError) -> [Reading] {
    let disks = backup.backup.disks.filter { index == nil || $0.index == index }
    guard !disks.isEmpty || index == nil else {
      throw AscendError(
        "backup.noSuchDisk", "The backup has no disk \(index ?? 0)", object: backup.name,
        remedy: "Its disks are \(backup.backup.disks.map { String($0.index) }.joined(separator: ", "))")
    }
    let total = disks.reduce(0) { $0 + $1.chain.virtualSizeBytes }
    var before: Int64 = 0
    var readings: [Reading] = []
    for disk in disks {
      let content = try await digest(of: disk.chain) { [before] done, _ in progress(before + done, total) }
      readings.append(Reading(index: disk.index, content: content, recorded: backup.content(of: disk.index)))
      before += disk.chain.virtualSizeBytes
    }
    let new = readings.filter { $0.recorded == nil }.map {
      ContentRecord(
        index: $0.index, digest: $0.content.digest, sizeBytes: $0.content.sizeBytes, point: backup.point)
    }
    if record, !new.isEmpty { try remember(new, of: backup) }
    return readings
  }

  /// Records what disks hold.
  ///
  /// - Throws: `backup.changed` where the files are others than those that were added: nothing is recorded then.
  func remember(_ contents: [ContentRecord], of backup: BackupRecord) throws(AscendError) {
    guard try BackupFingerprint.of(backup.backup) == backup.fingerprint else {
      throw AscendError(
        "backup.changed", "The backup's files have changed since it was added", object: backup.path,
        remedy: "Add it again with `ascend backups add \(backup.path)`")
    }
    try store.rememberContents(contents, of: backup.id)
  }

  /// Reads every disk, compares it with what the catalog holds of it, and records those of which it holds nothing.
  ///
  /// - Throws: `backup.contentChanged` naming both digests of the first that differs; `backup.changed`.
  public func require(
    _ backup: BackupRecord, progress: @escaping DiskDigest.Progress = { _, _ in }
  ) async throws(AscendError) {
    for disk in backup.backup.disks {
      for reading in try await read(backup, disk: disk.index, progress: progress) where reading.differs {
        throw Self.changed(backup, reading)
      }
    }
  }

  /// The error for a disk that is not what it was.
  public static func changed(_ backup: BackupRecord, _ reading: Reading) -> AscendError {
    changed(
      backup.path, disk: reading.index, recorded: reading.recorded?.digest ?? "", found: reading.content.digest)
  }

  static func changed(_ path: String, disk: Int, recorded: String, found: String) -> AscendError {
    AscendError(
      "backup.contentChanged", "Disk \(disk) of the backup does not hold what it held when it was recorded",
      object: path, cause: "it is \(found), recorded was \(recorded)",
      remedy: "Restore from another copy of the backup; its storage may be failing")
  }

  /// Compares each disk with the catalog, for the report of a backup's verification.
  public func checks(
    _ backup: BackupRecord, progress: @escaping DiskDigest.Progress = { _, _ in }
  ) async throws(AscendError) -> [VerifyReport.Check] {
    var checks: [VerifyReport.Check] = []
    for disk in backup.backup.disks {
      func check(_ outcome: VerifyReport.Outcome, _ detail: String) -> VerifyReport.Check {
        VerifyReport.Check(object: "disk \(disk.index)", kind: "content", outcome: outcome, detail: detail)
      }
      guard let recorded = backup.content(of: disk.index) else {
        checks.append(
          check(
            .notChecked, "Its content digest was never recorded: `ascend backups digest \(backup.label)` does that"))
        continue
      }
      do {
        let found = try await digest(of: disk.chain, progress: progress).digest
        checks.append(
          found == recorded.digest
            ? check(.passed, "It holds what was recorded on \(Timestamp.text(recorded.recordedAt)): \(found)")
            : check(.failed, "It is \(found), recorded was \(recorded.digest)"))
      } catch {
        if error.code == "cancelled" { throw error }
        checks.append(check(.failed, error.description))
      }
    }
    return checks
  }
}

extension RestoreEngine {
  public var digests: DigestService { DigestService(store: store, state: state) }
}
