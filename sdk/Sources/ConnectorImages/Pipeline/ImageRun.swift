import ConnectorDisk
import ConnectorProtocol
import Foundation
import Synchronization

/// One making of an image: what an iterator of `EncodedImage` stands for. Reading ends when it goes.
final class ImageRun<Encoder: ImageEncoder> {
  /// What chunks that wait for their turn may take up, before and after packing.
  private static var budget: Int { 40 << 20 }

  private enum Phase {
    case fresh
    case running(OrderedPipeline<Encoder.Packer>, Task<Void, Never>)
    case drained
    case over
  }

  /// What is to be made, of what.
  struct Job {
    var reader: DiskReader
    var encoder: Encoder
    var digests: Set<ImageDigest>
    var isDigested: Bool
    var conveysHoles: Bool
  }

  private let job: Job
  private let digester: ContentDigester?
  private let progress: @Sendable (DiskTransfer.Progress) -> Void
  private let publish: @Sendable (ImageTotals) -> Void
  private var phase = Phase.fresh
  /// By itself, and not in the phase: a copy of its tables for each chunk would cost more than the chunk.
  private var assembler: Encoder.Assembler?
  private var output: ImageOutput
  private var hasher: ImageHasher
  private var done: Int64 = 0
  private var packed: Int64 = 0
  private let read = ReadTotals()

  init(
    _ job: Job, _ progress: @escaping @Sendable (DiskTransfer.Progress) -> Void,
    publish: @escaping @Sendable (ImageTotals) -> Void
  ) {
    self.job = job
    self.progress = progress
    self.publish = publish
    digester = job.isDigested ? ContentDigester(sizeBytes: job.reader.sizeBytes) : nil
    output = ImageOutput(conveysHoles: job.conveysHoles)
    hasher = ImageHasher(job.digests)
  }

  deinit { stop() }

  private var reader: DiskReader { job.reader }

  func next() async throws -> ImagePiece? {
    do {
      return try await step()
    } catch {
      stop()
      phase = .over
      throw error
    }
  }

  private func step() async throws -> ImagePiece? {
    while true {
      try Task.checkCancellation()
      if let piece = output.take(isEnd: isDrained) {
        try hasher.update(piece)
        return piece
      }
      switch phase {
      case .fresh: try await start()
      case .running(let pipeline, _):
        if let chunk = try await pipeline.take() {
          try assembler?.add(chunk, to: &output)
          report(chunk)
        } else {
          try assembler?.end(&output)
          phase = .drained
        }
      case .drained:
        progress(.init(done: reader.sizeBytes, total: reader.sizeBytes, skipped: reader.sizeBytes - packed))
        phase = .over
        guard let read = read.value else { throw CancellationError() }
        publish(
          ImageTotals(bytes: output.position, digests: hasher.finish(), read: read, content: digester?.text))
      case .over: return nil
      }
    }
  }

  private var isDrained: Bool {
    if case .drained = phase { true } else { false }
  }

  private func start() async throws {
    let encoder = job.encoder
    guard encoder.sizeBytes >= reader.sizeBytes else {
      throw ConnectorError(
        .connectorBug,
        "An image of \(encoder.sizeBytes) bytes was asked for, of a disk of \(reader.sizeBytes) bytes: \(reader.uri).",
        remedy: "Report this to the connector's author.", outcome: .none)
    }
    assembler = try await encoder.makeAssembler(for: reader)
    try assembler?.begin(&output)
    let depth = max(4, min(4 * max(encoder.threads, 2), Self.budget / (2 * encoder.chunkBytes)))
    let pipeline = OrderedPipeline(threads: encoder.threads, depth: depth) { encoder.makePacker() }
    let task = Task { [reader, digester, read] in
      do {
        read.value = try await reader.forEachChunk(
          chunkBytes: encoder.chunkBytes, alignment: encoder.alignment, digester: digester,
          zeros: { pipeline.pass($0) }, { try pipeline.bring($0) })
        pipeline.complete()
      } catch {
        pipeline.fail(error)
      }
    }
    phase = .running(pipeline, task)
  }

  private func report(_ chunk: PackedChunk) {
    done = chunk.end
    packed += Int64(chunk.length)
    progress(.init(done: done, total: reader.sizeBytes, skipped: done - packed))
  }

  private func stop() {
    guard case .running(let pipeline, let task) = phase else { return }
    task.cancel()
    pipeline.fail(CancellationError())
  }
}

/// What was read, told by the task that reads.
private final class ReadTotals: Sendable {
  private let totals = Mutex<DiskReader.Totals?>(nil)

  var value: DiskReader.Totals? {
    get { totals.withLock { $0 } }
    set { totals.withLock { $0 = newValue } }
  }
}
