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
    if let receipt, receipt.generation == source.generation, let counts = receipt.counts,
      try await system("Completing disk \(disk.index)", complete)
    {
      return result(counts)
    }
    ImageServer.endLeftBehind([disk], in: folder)
    let counts =
      source.kind == "nbd"
      ? try await stream(from: try start(receipt), operation)
      : try await FileReceiver(folder: folder, disk: disk, source: source).run(adopting: receipt, operation)
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
      bytesSent: counts.sent, bytesSkipped: counts.skipped, digest: counts.digest)
  }

  /// Where to go on; without a checkpoint from the beginning.
  private func start(_ receipt: DiskReceipt?) throws -> Int64 {
    let through = try TransferCheckpoint.start(of: request)
    if through > 0, receipt?.generation != source.generation || !MachineStore.exists(part) {
      throw Failure.staleCheckpoint(disk, "what it stands for is not in \(folder.path) any more")
    }
    return through
  }

  /// Reads the export and writes what it holds.
  private func stream(from start: Int64, _ operation: OperationContext) async throws -> DiskReceipt.Counts {
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
    let totals: DiskReader.Totals
    if disk.format == "raw" {
      let sink = try RawFileSink(path: part, sizeBytes: disk.sizeBytes, resumingFrom: start)
      totals = try await transfer(reader, sink, from: start, zerosBefore: zeros, operation)
    } else {
      totals = try await QCOW2Image(path: part, disk: disk, folder: folder).written(resumingFrom: start) {
        try await transfer(reader, $0, from: start, zerosBefore: zeros, operation)
      }
    }
    let read = totals.bytesRead + start - zeros
    return DiskReceipt.Counts(read: read, sent: read, skipped: totals.bytesSkipped + zeros)
  }

  private func transfer(
    _ reader: DiskReader, _ sink: any DiskSink, from start: Int64, zerosBefore zeros: Int64,
    _ operation: OperationContext
  ) async throws -> DiskReader.Totals {
    let transfer = DiskTransfer(reader: reader, sink: sink, checkpointBytes: Self.checkpointBytes)
    return try await transfer.run(
      from: start,
      progress: { now in
        operation.progress(
          phase: "receive", done: now.done, total: now.total, skipped: zeros + now.skipped,
          message: "disk \(disk.index)")
      },
      checkpoint: { through in
        let checkpoint = TransferCheckpoint(generation: source.generation, through: through)
        operation.checkpoint(token: checkpoint.token, through: through)
      })
  }

  private func system<T: Sendable>(_ what: String, _ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await Blocking.run { try Failure.translating(what, outcome: .partial, body) }
  }
}
