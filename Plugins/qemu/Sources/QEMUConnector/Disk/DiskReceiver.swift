import ConnectorDisk
import ConnectorKit
import ConnectorProtocol
import Foundation

/// Brings one disk into the machine's folder: under a name of its own until all of it is durable.
struct DiskReceiver: Sendable {
  static let checkpointBytes: Int64 = 256 << 20

  var folder: MachineFolder
  var disk: MachinePlan.Disk
  var request: DiskReceive

  private var source: DiskSource { request.source }
  private var part: String { folder.file(disk.partName) }
  private var whole: String { folder.file(disk.fileName) }

  func run(_ operation: OperationContext) async throws -> DiskReceive.Result {
    guard source.kind == disk.access, source.format == disk.format || source.kind == "nbd" else {
      throw ConnectorError(
        .invalidParams,
        "Disk \(disk.index) comes as \(source.format) by \(source.kind); the plan says \(disk.format) by \(disk.access).",
        remedy: "Offer the disk as planned, or plan again.", outcome: .none)
    }
    let receipt = try await system("Reading what is known of disk \(disk.index)") {
      try DiskReceipt.read(disk, in: folder)
    }
    if let receipt, receipt.generation == source.generation, let counts = receipt.counts, proves(counts),
      try await system("Completing disk \(disk.index)", complete)
    {
      return result(counts)
    }
    ImageServer.endLeftBehind([disk], in: folder)
    let counts = try await proven(
      source.kind == "nbd"
        ? try await stream(from: try start(receipt), operation)
        : try await FileReceiver(folder: folder, disk: disk, source: source).run(adopting: receipt, operation),
      operation)
    try await system("Completing disk \(disk.index)") {
      try DiskReceipt(generation: source.generation, counts: counts).write(disk, in: folder)
      _ = try complete()
    }
    return result(counts)
  }

  /// Gives the disk its final name; false where neither that nor the earlier one is there.
  private func complete() throws -> Bool {
    if MachineStore.exists(part) { try AtomicFile.rename(part, to: whole) }
    return MachineStore.exists(whole)
  }

  private func result(_ counts: DiskReceipt.Counts) -> DiskReceive.Result {
    DiskReceive.Result(
      disk: ["index": .integer(Int64(disk.index)), "file": .string(disk.fileName)], bytesRead: counts.read,
      bytesSent: counts.sent, bytesSkipped: counts.skipped, digest: request.digest == false ? nil : counts.digest,
      platformDigest: request.readBack == true
        ? counts.readBack.map { .init(algorithm: DiskReceive.PlatformDigest.content, value: $0) } : nil)
  }

  /// True where an earlier receipt of the disk holds the proof that is asked for.
  private func proves(_ counts: DiskReceipt.Counts) -> Bool {
    request.readBack != true || counts.readBack != nil
  }

  /// Adds what takes another read of the disk, where it is asked for, and compares it all with what the host knows.
  private func proven(_ counts: DiskReceipt.Counts, _ operation: OperationContext) async throws -> DiskReceipt.Counts {
    var counts = counts
    if request.readBack == true || (request.digest == true && source.kind == "file") {
      let found = try await DiskReadBack(folder: folder, disk: disk, path: part).run { done, total in
        operation.progress(phase: "readBack", done: done, total: total, message: "disk \(disk.index), reading back")
      }
      // A file that was taken as it is can only be read where it now lies.
      if source.kind == "file" { counts.digest = found }
      if request.readBack == true { counts.readBack = found }
    }
    for found in [counts.digest, counts.readBack] {
      guard let found, let expected = source.digest, found != expected else { continue }
      throw ConnectorError(
        .dataCorrupt, "Disk \(disk.index) arrived as \(found); the host offered \(expected).",
        remedy: "Check this computer's memory and the storage of the machines' folder, then restore again.",
        outcome: .partial)
    }
    return counts
  }

  /// Where to go on; without a checkpoint from the beginning.
  private func start(_ receipt: DiskReceipt?) throws -> TransferCheckpoint? {
    let checkpoint = try TransferCheckpoint.read(request)
    if let checkpoint, checkpoint.through > 0,
      receipt?.generation != source.generation || !MachineStore.exists(part)
    {
      throw Failure.staleCheckpoint(disk, "what it stands for is not in \(folder.path) any more")
    }
    return checkpoint
  }

  /// The digest of what will be read; nil where it is not wanted, or cannot be had any more.
  private func digester(_ checkpoint: TransferCheckpoint?, sizeBytes: Int64) -> ContentDigester? {
    guard request.digest != false else { return nil }
    guard let checkpoint, checkpoint.through > 0 else { return ContentDigester(sizeBytes: sizeBytes) }
    return checkpoint.digester(sizeBytes: sizeBytes)
  }

  /// Reads the export and writes what it holds.
  private func stream(
    from checkpoint: TransferCheckpoint?, _ operation: OperationContext
  ) async throws -> DiskReceipt.Counts {
    let start = checkpoint?.through ?? 0
    let reader = try await DiskReader.open(source.location, connections: 4)
    guard reader.sizeBytes <= disk.sizeBytes, reader.sizeBytes >= start else {
      throw ConnectorError(
        .sourceChanged, "Disk \(disk.index) is offered with \(reader.sizeBytes) bytes, planned with \(disk.sizeBytes).",
        remedy: "Plan again with the disk as it is.", outcome: .partial)
    }
    try await system("Preparing disk \(disk.index)") {
      if start == 0 {
        for path in [part, whole] where unlink(path) != 0 && errno != ENOENT { throw SystemError("unlink", path) }
      }
      try DiskReceipt(generation: source.generation).write(disk, in: folder)
    }
    let zeros = try await reader.zeros(before: start)
    let digester = digester(checkpoint, sizeBytes: reader.sizeBytes)
    let totals: DiskReader.Totals
    if disk.format == "raw" {
      let sink = try RawFileSink(path: part, sizeBytes: disk.sizeBytes, resumingFrom: start)
      totals = try await transfer(reader, sink, digester, from: start, zerosBefore: zeros, operation)
    } else {
      totals = try await QCOW2Image(path: part, disk: disk, folder: folder).written(resumingFrom: start) {
        try await transfer(reader, $0, digester, from: start, zerosBefore: zeros, operation)
      }
    }
    let read = totals.bytesRead + start - zeros
    return DiskReceipt.Counts(
      read: read, sent: read, skipped: totals.bytesSkipped + zeros, digest: digester?.text)
  }

  private func transfer(
    _ reader: DiskReader, _ sink: any DiskSink, _ digester: ContentDigester?, from start: Int64,
    zerosBefore zeros: Int64, _ operation: OperationContext
  ) async throws -> DiskReader.Totals {
    let transfer = DiskTransfer(
      reader: reader, sink: sink, checkpointBytes: Self.checkpointBytes, digester: digester)
    return try await transfer.run(
      from: start,
      progress: { now in
        operation.progress(
          phase: "receive", done: now.done, total: now.total, skipped: zeros + now.skipped,
          message: "disk \(disk.index)")
      },
      saving: { point in
        let checkpoint = TransferCheckpoint(
          generation: source.generation, through: point.through, digest: point.digest?.state)
        operation.checkpoint(token: checkpoint.token, through: point.through)
      })
  }

  private func system<T: Sendable>(_ what: String, _ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await Blocking.run { try Failure.translating(what, outcome: .partial, body) }
  }
}
