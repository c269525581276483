import ConnectorDisk
import ConnectorImages
import ConnectorProtocol
import Foundation
import Synchronization

/// A disk on its way: the bytes of its image in their order, read from the host as fast as they are taken.
///
/// `@unchecked Sendable`: `iterator` is touched by `next` alone, and one body asks for one piece at a time.
final class DiskStream: @unchecked Sendable {
  struct Totals: Sendable {
    /// Bytes of the disk that were read, and zeros that were passed over.
    var read: Int64
    var skipped: Int64
    /// Bytes of the image.
    var sent: Int64
    var sha256: String
    var sha1: String?
    /// The content digest of the disk, unless the host does not want it.
    var digest: String?
  }

  struct Progress: Sendable {
    var done: Int64 = 0
    var total: Int64 = 0
    var skipped: Int64 = 0

    var percent: Int64 { total > 0 ? Int64(Double(done) / Double(total) * 100) : 0 }
  }

  /// What is made of the disk.
  enum Form: Sendable {
    case streamOptimized(name: String, adapter: String)
    /// The guest-visible bytes themselves, zeros included.
    case flat
  }

  private struct State {
    var progress = Progress()
    var digests: Set<ImageDigest> = [.sha256]
  }

  /// Bytes of the image, where that is known before sending.
  let length: Int64?
  private let request: DiskReceive
  private let reader: DiskReader
  private let disk: MachinePlan.Disk
  private let form: Form
  private let state = Mutex(State())
  private var iterator: (() async throws -> [UInt8]?)?
  private var finish: () -> ImageTotals? = { nil }

  private init(_ request: DiskReceive, _ reader: DiskReader, _ disk: MachinePlan.Disk, _ form: Form) {
    self.request = request
    self.reader = reader
    self.disk = disk
    self.form = form
    if case .flat = form { length = disk.sizeBytes } else { length = nil }
    state.withLock { $0.progress.total = reader.sizeBytes }
  }

  /// - Throws: `sourceUnavailable`; `sourceChanged` where the disk is not as large as was planned.
  static func open(_ request: DiskReceive, disk: MachinePlan.Disk, form: Form? = nil) async throws -> DiskStream {
    let source = request.source
    guard source.kind == "nbd" else {
      throw ConnectorError(
        .invalidParams, "Disk \(disk.index) comes by \(source.kind); the plan says nbd.",
        remedy: "Offer the disk as planned, or plan again.", outcome: .none)
    }
    let reader = try await DiskReader.open(source.location)
    let step = MachineLimits.diskStep
    guard reader.sizeBytes <= disk.sizeBytes,
      disk.sizeBytes == MachineLimits.leastDisk || reader.sizeBytes > disk.sizeBytes - step
    else {
      throw ConnectorError(
        .sourceChanged,
        "Disk \(disk.index) is offered with \(reader.sizeBytes) bytes, planned with \(disk.sizeBytes).",
        remedy: "Plan again with the disk as it is.", outcome: .none)
    }
    let adapter = disk.controller == .ide ? "ide" : "lsilogic"
    return DiskStream(
      request, reader, disk, form ?? .streamOptimized(name: "disk\(disk.index).vmdk", adapter: adapter))
  }

  var progress: Progress { state.withLock { $0.progress } }

  /// Reckons SHA-1 too, for servers that know nothing newer. Before the first piece.
  func alsoSHA1() { state.withLock { _ = $0.digests.insert(.sha1) } }

  /// The next piece of the image; nil at its end.
  func next() async throws -> Data? {
    if iterator == nil { start() }
    return try await iterator?().map { Data($0) }
  }

  /// What was moved, once `next` has given nil.
  ///
  /// - Throws: `dataCorrupt` where it is not what the host says that it offers.
  func totals() throws -> Totals {
    guard let totals = finish(), let sha256 = totals.digests[.sha256] else {
      throw ConnectorError(
        .platformUnavailable, "Disk \(disk.index) was not taken to its end: the server answered before.",
        remedy: "Retry: this disk is sent again.", outcome: .none)
    }
    if let content = totals.content, let expected = request.source.digest, content != expected {
      throw Failure.corrupt(
        "Disk \(disk.index), as it was read,", "its content digest is \(content), and not \(expected)")
    }
    return Totals(
      read: totals.read.bytesRead, skipped: totals.read.bytesSkipped, sent: totals.bytes, sha256: sha256,
      sha1: totals.digests[.sha1], digest: totals.content)
  }

  private func start() {
    switch form {
    case .streamOptimized(let name, let adapter):
      var options = StreamOptimizedEncoder.Options()
      options.name = name
      options.adapterType = adapter
      begin(StreamOptimizedEncoder(sizeBytes: disk.sizeBytes, options: options))
    case .flat: begin(RawEncoder(sizeBytes: disk.sizeBytes))
    }
  }

  private func begin(_ encoder: some ImageEncoder) {
    let digests = state.withLock { $0.digests }
    let isDigested = request.digest != false
    let image = encode(reader, as: encoder, digests: digests, contentDigest: isDigested) { [weak self] now in
      self?.state.withLock { $0.progress = Progress(done: now.done, total: now.total, skipped: now.skipped) }
    }
    var pieces = image.makeAsyncIterator()
    iterator = { try await pieces.next() }
    finish = { image.totals }
  }
}
