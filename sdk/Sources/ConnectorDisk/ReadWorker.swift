import ConnectorProtocol

/// One connection's part of a transfer: keeps some requests on their way, and gives what has come to the body.
struct ReadWorker {
  private struct Piece {
    var chunk: ChunkPlan.Chunk
    /// Where its group begins, for the first of it; where that ends, for the last.
    var groupBegin: Int64?
    var groupEnd: Int64?
  }

  private struct Request {
    var piece: Piece
    var buffer: AlignedBuffer
    /// Nil for one that could not be sent: it is sent, or fails with its error, when its turn comes.
    var cookie: Int64?
  }

  private(set) var connection: NBDConnection
  private let index: Int
  private let queue: ChunkQueue
  private let limits: TransferLimits?
  private let hasher: BlockHasher?
  private let buffers: [AlignedBuffer]
  private var free: [AlignedBuffer]
  /// What this worker has taken and not asked for yet, the next one last.
  private var assigned: [Piece] = []
  private var underway: [Request] = []
  private var mayReconnect = true

  /// - Parameter index: Its place among the workers: those beyond the limit of connections rest.
  init(
    connection: NBDConnection, index: Int, queue: ChunkQueue, chunkBytes: Int, limits: TransferLimits?,
    digester: ContentDigester?
  ) {
    self.connection = connection
    self.index = index
    self.queue = queue
    self.limits = limits
    hasher = digester.map(BlockHasher.init)
    buffers = (0..<DiskReader.requestsPerConnection).map { _ in AlignedBuffer(byteCount: chunkBytes) }
    free = buffers
    connection.adopt(buffers)
  }

  /// Reads until the queue is empty; the number of bytes.
  mutating func run(_ body: @Sendable (DiskChunk) async throws -> Void) async throws -> Int64 {
    var total: Int64 = 0
    while true {
      try await fill()
      guard !underway.isEmpty else { return total }
      let request = try finishFirst()
      let piece = request.piece
      let bytes = UnsafeRawBufferPointer(request.buffer.bytes)[..<piece.chunk.length]
      let chunk = DiskChunk(
        offset: piece.chunk.offset, bytes: UnsafeRawBufferPointer(rebasing: bytes),
        isBlock: hasher?.isBlock(piece.chunk) ?? false)
      try await body(chunk)
      // After the body: what the digest has reached, the body is done with.
      if let begin = piece.groupBegin { hasher?.begin(at: begin) }
      hasher?.add(chunk)
      if let end = piece.groupEnd { hasher?.end(at: end) }
      total += Int64(piece.chunk.length)
      free.append(request.buffer)
    }
  }

  /// Sends requests as long as there are buffers for them and the limits allow it. Waits only where nothing is underway.
  private mutating func fill() async throws {
    while let buffer = free.last {
      try Task.checkCancellation()
      if assigned.isEmpty {
        if let limits, !limits.admits(connection: index) {
          guard underway.isEmpty, try await limits.admit(connection: index, unless: { queue.isFinished }) else {
            return
          }
        }
        guard let group = try nextGroup() else { return }
        assigned = Self.pieces(of: group)
      }
      guard let piece = assigned.last else { return }
      if let limits, !limits.admits(bytes: piece.chunk.length) {
        guard underway.isEmpty else { return }
        try await limits.admit(bytes: piece.chunk.length)
      }
      assigned.removeLast()
      free.removeLast()
      underway.append(Request(piece: piece, buffer: buffer, cookie: send(piece.chunk, buffer)))
    }
  }

  /// The chunks of a group, the last first.
  private static func pieces(of group: ChunkQueue.Group) -> [Piece] {
    var pieces = group.chunks.map { Piece(chunk: $0) }
    pieces[0].groupBegin = group.range.lowerBound
    pieces[pieces.count - 1].groupEnd = group.range.upperBound
    return pieces.reversed()
  }

  private mutating func nextGroup() throws -> ChunkQueue.Group? {
    while true {
      let connection = connection
      do {
        return try queue.take { try connection.extents(from: $0, length: $1) }
      } catch let error as ConnectorError {
        try reconnect(after: error)
      }
    }
  }

  /// Waits for the oldest request.
  private mutating func finishFirst() throws -> Request {
    while true {
      let request = underway[0]
      let chunk = request.piece.chunk
      do {
        let cookie =
          try request.cookie ?? connection.startRead(request.buffer, count: chunk.length, offset: chunk.offset)
        underway[0].cookie = cookie
        try connection.finish(cookie, offset: chunk.offset)
        return underway.removeFirst()
      } catch let error as ConnectorError {
        try reconnect(after: error)
      }
    }
  }

  /// Connects again, once, and repeats the requests that are underway; otherwise throws `error`.
  private mutating func reconnect(after error: ConnectorError) throws {
    guard mayReconnect else { throw error }
    mayReconnect = false
    let fresh: NBDConnection
    do {
      fresh = try NBDConnection.connectPatiently(connection.uri)
    } catch is ConnectorError {
      // The error that led here says more than that of the attempts to connect.
      throw error
    }
    fresh.adopt(buffers)
    connection = fresh
    for index in underway.indices {
      underway[index].cookie = send(underway[index].piece.chunk, underway[index].buffer)
    }
  }

  private func send(_ chunk: ChunkPlan.Chunk, _ buffer: AlignedBuffer) -> Int64? {
    // The error comes again when the request's turn comes and it is sent once more.
    try? connection.startRead(buffer, count: chunk.length, offset: chunk.offset)
  }
}
