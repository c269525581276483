import ConnectorProtocol

/// One connection's part of a transfer: keeps some requests on their way, and gives what has come to the body.
struct ReadWorker {
  private struct Request {
    var chunk: ChunkPlan.Chunk
    var buffer: AlignedBuffer
    /// Nil for one that could not be sent: it is sent, or fails with its error, when its turn comes.
    var cookie: Int64?
  }

  private(set) var connection: NBDConnection
  private let queue: ChunkQueue
  private let buffers: [AlignedBuffer]
  private var free: [AlignedBuffer]
  private var underway: [Request] = []
  private var mayReconnect = true

  init(connection: NBDConnection, queue: ChunkQueue, chunkBytes: Int) {
    self.connection = connection
    self.queue = queue
    buffers = (0..<DiskReader.requestsPerConnection).map { _ in AlignedBuffer(byteCount: chunkBytes) }
    free = buffers
    connection.adopt(buffers)
  }

  /// Reads until the queue is empty; the number of bytes.
  mutating func run(_ body: @Sendable (DiskChunk) async throws -> Void) async throws -> Int64 {
    var total: Int64 = 0
    while true {
      try fill()
      guard !underway.isEmpty else { return total }
      let request = try finishFirst()
      let bytes = UnsafeRawBufferPointer(request.buffer.bytes)[..<request.chunk.length]
      try await body(DiskChunk(offset: request.chunk.offset, bytes: UnsafeRawBufferPointer(rebasing: bytes)))
      total += Int64(request.chunk.length)
      free.append(request.buffer)
    }
  }

  /// Sends requests as long as there are buffers for them.
  private mutating func fill() throws {
    while let buffer = free.last {
      try Task.checkCancellation()
      guard let chunk = try nextChunk() else { return }
      free.removeLast()
      underway.append(Request(chunk: chunk, buffer: buffer, cookie: send(chunk, buffer)))
    }
  }

  private mutating func nextChunk() throws -> ChunkPlan.Chunk? {
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
      do {
        let cookie =
          try request.cookie
          ?? connection.startRead(request.buffer, count: request.chunk.length, offset: request.chunk.offset)
        underway[0].cookie = cookie
        try connection.finish(cookie, offset: request.chunk.offset)
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
    for index in underway.indices { underway[index].cookie = send(underway[index].chunk, underway[index].buffer) }
  }

  private func send(_ chunk: ChunkPlan.Chunk, _ buffer: AlignedBuffer) -> Int64? {
    // The error comes again when the request's turn comes and it is sent once more.
    try? connection.startRead(buffer, count: chunk.length, offset: chunk.offset)
  }
}
