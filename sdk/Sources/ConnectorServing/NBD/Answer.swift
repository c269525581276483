import ConnectorProtocol
import Foundation

/// Answers one request, piece by piece.
struct Answer: Sendable {
  /// A fragmented disk is described in several answers, as the protocol allows.
  private static let mostExtents = 8192
  private static let mostMessageBytes = 1000

  let request: Request
  let disk: any ServedDisk
  let agreed: Negotiation.Agreed
  let writer: ReplyWriter

  /// - Returns: What could not be read, where that is so.
  func give() async -> (any Error)? {
    let size = UInt64(disk.sizeBytes)
    let fits = request.offset <= size && request.length <= size - request.offset
    switch request.command {
    case Wire.Command.read where fits && request.length <= Wire.mostBytes && request.flags == 0:
      return agreed.structured ? await readInChunks() : await readAtOnce()
    case Wire.Command.blockStatus
    where fits && agreed.allocation && request.length > 0 && request.flags & ~Wire.Command.onlyOne == 0:
      return await describe()
    case Wire.Command.write, Wire.Command.trim, Wire.Command.writeZeroes:
      await fail(Wire.Errors.notPermitted, "the disk is read-only")
    default:
      await fail(Wire.Errors.invalid, "the request cannot be answered")
    }
    return nil
  }

  private var start: Int64 { Int64(request.offset) }
  private var end: Int64 { Int64(request.offset + request.length) }

  // MARK: Reading

  private func readInChunks() async -> (any Error)? {
    guard request.length > 0 else {
      _ = await writer.send(chunk(Wire.Chunk.none, isLast: true, Data()))
      return nil
    }
    var position = start
    do {
      while position < end {
        let piece = try await piece(at: position)
        position += Int64(piece.count)
        var content = Data(capacity: 12)
        content.append(UInt64(position - Int64(piece.count)), bytes: 8)
        let kind = piece.data == nil ? Wire.Chunk.hole : Wire.Chunk.data
        if let data = piece.data { content.append(data) } else { content.append(UInt64(piece.count), bytes: 4) }
        guard await writer.send(chunk(kind, isLast: position == end, content)) else { return nil }
      }
      return nil
    } catch {
      await fail(error)
      return Task.isCancelled ? nil : error
    }
  }

  /// The older form: once its head is sent there is no way to tell of an error but to hang up.
  private func readAtOnce() async -> (any Error)? {
    var position = start
    do {
      var head: Data? = simple(0)
      while position < end {
        let piece = try await piece(at: position)
        // Zeros have to be sent here.
        let count = piece.data == nil ? min(piece.count, DiskServer.pieceBytes) : piece.count
        position += Int64(count)
        guard await writer.send((head ?? Data()) + (piece.data ?? Data(count: count))) else { return nil }
        head = nil
      }
      if let head { _ = await writer.send(head) }
      return nil
    } catch {
      if position == start { await fail(error) } else { writer.breakOff() }
      return Task.isCancelled ? nil : error
    }
  }

  /// The next bytes of the request; without data where they are zeros.
  private func piece(at position: Int64) async throws -> (count: Int, data: Data?) {
    try Task.checkCancellation()
    let extent = try await extent(at: position)
    guard !extent.isZero else { return (Int(extent.length), nil) }
    let pieceBytes = Int64(DiskServer.pieceBytes)
    let count = Int(min(extent.length, pieceBytes - position % pieceBytes))
    let data = try await disk.read(at: position, count: count)
    guard data.count == count else { throw broken("it gave \(data.count) bytes instead of \(count)") }
    return (count, data)
  }

  private func extent(at position: Int64) async throws -> ServedExtent {
    let extent = try await disk.extent(at: position, most: end - position)
    guard (1...end - position).contains(extent.length) else {
      throw broken("it told of a stretch of \(extent.length) bytes where \(end - position) were asked for")
    }
    return extent
  }

  private func broken(_ why: String) -> ConnectorError {
    ConnectorError(
      .connectorBug, "The source of a disk is at fault: \(why).",
      remedy: "Report this to the connector's vendor with its log.", outcome: .none)
  }

  // MARK: Block status

  private func describe() async -> (any Error)? {
    var runs: [ServedExtent] = []
    var position = start
    do {
      while position < end {
        try Task.checkCancellation()
        let extent = try await extent(at: position)
        if let last = runs.last, last.isZero == extent.isZero {
          runs[runs.count - 1].length += extent.length
        } else {
          guard runs.count < Self.mostExtents, runs.isEmpty || request.flags & Wire.Command.onlyOne == 0 else { break }
          runs.append(extent)
        }
        position += extent.length
      }
    } catch {
      await fail(error)
      return Task.isCancelled ? nil : error
    }
    var content = Data(capacity: 4 + 8 * runs.count)
    content.append(Wire.allocationID, bytes: 4)
    for run in runs {
      content.append(UInt64(run.length), bytes: 4)
      content.append(run.isZero ? Wire.zeroState : 0, bytes: 4)
    }
    _ = await writer.send(chunk(Wire.Chunk.blockStatus, isLast: true, content))
    return nil
  }

  // MARK: Replies

  private func fail(_ error: any Error) async {
    if error is CancellationError { return await fail(Wire.Errors.shutDown, "the server ends") }
    await fail(Wire.Errors.inputOutput, (error as? ConnectorError)?.message ?? "\(error)")
  }

  private func fail(_ number: UInt64, _ why: String) async {
    guard agreed.structured else {
      _ = await writer.send(simple(number))
      return
    }
    let message = Data(why.utf8.prefix(Self.mostMessageBytes))
    var content = Data()
    content.append(number, bytes: 4)
    content.append(UInt64(message.count), bytes: 2)
    content.append(message)
    _ = await writer.send(chunk(Wire.Chunk.error, isLast: true, content))
  }

  private func chunk(_ kind: UInt64, isLast: Bool, _ content: Data) -> Data {
    var message = Data(capacity: 20 + content.count)
    message.append(Wire.structuredReplyMagic, bytes: 4)
    message.append(isLast ? Wire.Chunk.done : 0, bytes: 2)
    message.append(kind, bytes: 2)
    message.append(request.cookie, bytes: 8)
    message.append(UInt64(content.count), bytes: 4)
    message.append(content)
    return message
  }

  private func simple(_ error: UInt64) -> Data {
    var message = Data()
    message.append(Wire.simpleReplyMagic, bytes: 4)
    message.append(error, bytes: 4)
    message.append(request.cookie, bytes: 8)
    return message
  }
}
