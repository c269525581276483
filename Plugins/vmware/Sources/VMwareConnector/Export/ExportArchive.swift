import ConnectorKit
import ConnectorProtocol
import Foundation

/// The files of one OVA on its way: disks in the job's folder until all are there, then the archive under its name.
struct ExportArchive: Sendable {
  var folder: ExportFolder
  var plan: MachinePlan

  private var work: String { folder.work(plan.job) }
  private static let nameFile = "name"
  private static let completeFile = "complete"

  static func isComplete(_ work: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(work)/\(completeFile)")
  }

  var isComplete: Bool { Self.isComplete(work) && FileManager.default.fileExists(atPath: folder.result(plan)) }

  /// The machine's name that a job's folder tells; nil where it is none.
  static func name(in work: String) -> String? {
    guard let data = FileManager.default.contents(atPath: "\(work)/\(nameFile)"), data.count <= 1024 else { return nil }
    let name = String(decoding: data, as: UTF8.self)
    return NameRule.accepts(name) ? name : nil
  }

  static func remove(_ path: String) throws {
    do { try FileManager.default.removeItem(atPath: path) } catch let error as CocoaError
      where error.code == .fileNoSuchFile
    {} catch { throw failed("Removing \(path)", error) }
  }

  private static func failed(_ what: String, _ error: any Error) -> any Error {
    if error is CancellationError || error is ConnectorError { return error }
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    let full = (error as? CocoaError)?.code == .fileWriteOutOfSpace || underlying?.code == Int(ENOSPC)
    return ConnectorError(
      full ? .capacityExhausted : .platformTaskFailed, "\(what) failed: \(error.localizedDescription)",
      remedy: full ? "Free space there, or choose another folder, and retry." : "Look at the folder, and retry.",
      outcome: .partial)
  }

  // MARK: Disks

  private func path(_ disk: MachinePlan.Disk) -> String { "\(work)/\(ExportFolder.diskName(plan, disk))" }
  private func receiptPath(_ disk: MachinePlan.Disk) -> String { "\(work)/disk\(disk.index).json" }

  func receipt(_ disk: MachinePlan.Disk) -> Mark.Receipt? {
    FileManager.default.contents(atPath: receiptPath(disk)).flatMap {
      try? JSONDecoder().decode(Mark.Receipt.self, from: $0)
    }
  }

  /// Writes a disk's image into the job's folder, and makes it durable.
  func write(
    _ disk: MachinePlan.Disk, _ stream: DiskStream, generation: String, _ report: (DiskStream.Progress) -> Void
  ) async throws -> Mark.Receipt {
    let files = FileManager.default
    do {
      try files.createDirectory(
        atPath: work, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(plan.name.utf8).write(to: URL(filePath: "\(work)/\(Self.nameFile)"), options: .atomic)
      guard files.createFile(atPath: path(disk), contents: nil, attributes: [.posixPermissions: 0o600]) else {
        throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path(disk)])
      }
      let output = try FileHandle(forWritingTo: URL(filePath: path(disk)))
      defer { try? output.close() }
      while let piece = try await stream.next() {
        try Task.checkCancellation()
        try output.write(contentsOf: piece)
        report(stream.progress)
      }
      try output.synchronize()
      let totals = try stream.totals()
      let receipt = Mark.Receipt(totals, generation: generation)
      try CanonicalJSON.encode(receipt).write(to: URL(filePath: receiptPath(disk)), options: .atomic)
      return receipt
    } catch {
      throw Self.failed("Writing \(path(disk))", error)
    }
  }

  // MARK: The archive

  /// Puts descriptor, manifest and disks into one file, in that order, and gives it its name.
  func pack(_ report: @escaping @Sendable (Int64) -> Void) async throws {
    let files = try plan.disks.map { disk in
      guard let receipt = receipt(disk) else {
        throw Failure.noMachine(plan.name, why: "its disk \(disk.index) was not brought, or was rolled back")
      }
      return (disk: disk, receipt: receipt)
    }
    let descriptor = OVFDescriptor(
      plan: plan,
      files: files.map {
        OVFDescriptor.File(
          disk: $0.disk, name: ExportFolder.diskName(plan, $0.disk), bytes: $0.receipt.sent, populated: $0.receipt.read)
      }
    ).text
    let stem = ExportFolder.stem(plan)
    let manifest =
      (["SHA256(\(stem).ovf)= \(SHA256.hex(Data(descriptor.utf8)))"]
      + files.map { "SHA256(\(ExportFolder.diskName(plan, $0.disk)))= \($0.receipt.sha256)" })
      .map { $0 + "\n" }.joined()
    let cancelled = CancelFlag()
    try await withTaskCancellationHandler {
      try await Blocking.run {
        do { try write(descriptor, manifest, files.map { ($0.disk, $0.receipt.sent) }, cancelled, report) } catch {
          throw Self.failed("Writing \(folder.result(plan))", error)
        }
      }
    } onCancel: {
      cancelled.raise()
    }
  }

  private func write(
    _ descriptor: String, _ manifest: String, _ disks: [(MachinePlan.Disk, Int64)], _ cancelled: CancelFlag,
    _ report: (Int64) -> Void
  ) throws {
    let part = "\(work)/archive.part"
    guard FileManager.default.createFile(atPath: part, contents: nil, attributes: [.posixPermissions: 0o644]) else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: part])
    }
    let output = try FileHandle(forWritingTo: URL(filePath: part))
    defer { try? output.close() }
    let tar = TarWriter(output)
    let stem = ExportFolder.stem(plan)
    try tar.add("\(stem).ovf", Data(descriptor.utf8))
    try tar.add("\(stem).mf", Data(manifest.utf8))
    var done: Int64 = 0
    for (disk, size) in disks {
      try tar.add(ExportFolder.diskName(plan, disk), from: path(disk), size: size) { count in
        if cancelled.isRaised { throw CancellationError() }
        done += Int64(count)
        report(done)
      }
    }
    try tar.end()
    try output.synchronize()
    // The mark goes first: a file without one would be taken for somebody else's.
    try Data().write(to: URL(filePath: "\(work)/\(Self.completeFile)"))
    // A link, and no renaming: that would replace a file of somebody else's.
    guard link(part, folder.result(plan)) == 0 else {
      let number = errno
      try? FileManager.default.removeItem(atPath: "\(work)/\(Self.completeFile)")
      throw number == EEXIST
        ? Failure.nameTaken(plan.name + ".ova", in: folder.path) : POSIXError(POSIXErrorCode(rawValue: number) ?? .EIO)
    }
    try FileManager.default.removeItem(atPath: part)
    for (disk, _) in disks { try? FileManager.default.removeItem(atPath: path(disk)) }
  }
}
