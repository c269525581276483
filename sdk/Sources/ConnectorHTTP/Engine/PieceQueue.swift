import Foundation

/// Pieces of a body between a task and the engine's thread, and who waits for a change.
struct PieceQueue {
  private var pieces: [Data] = []
  private var first = 0
  /// Bytes of the first piece that were taken already.
  private var offset = 0
  private var ended = false
  private var waiting: CheckedContinuation<Void, Never>?
  /// Bytes that are not taken yet.
  private(set) var count = 0
  /// True where libcurl was told to wait.
  var isPaused = false

  mutating func append(_ piece: Data) {
    pieces.append(piece)
    count += piece.count
  }

  /// Nothing more will come. True where libcurl waits for it.
  mutating func end() -> Bool {
    ended = true
    defer { isPaused = false }
    return isPaused
  }

  mutating func removeAll() {
    pieces = []
    first = 0
    offset = 0
    count = 0
  }

  /// Copies as much as there is room for: 0 at the end, nil where nothing has come yet, which pauses.
  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    var filled = 0
    while filled < buffer.count, first < pieces.count {
      let piece = pieces[first]
      let part = min(buffer.count - filled, piece.count - offset)
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let start = offset
      piece.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + part]))
      }
      filled += part
      offset += part
      if offset == piece.count { dropFirst() }
    }
    count -= filled
    if filled == 0 {
      guard ended else {
        isPaused = true
        return nil
      }
    }
    return filled
  }

  mutating func takeFirst() -> Data? {
    guard first < pieces.count else { return nil }
    let piece = pieces[first]
    count -= piece.count
    dropFirst()
    return piece
  }

  private mutating func dropFirst() {
    pieces[first] = Data()
    first += 1
    offset = 0
    if first == pieces.count {
      pieces.removeAll(keepingCapacity: true)
      first = 0
    }
  }

  mutating func wait(_ continuation: CheckedContinuation<Void, Never>) { waiting = continuation }

  /// Who waits, to be resumed outside of the lock.
  mutating func wake() -> CheckedContinuation<Void, Never>? {
    defer { waiting = nil }
    return waiting
  }
}
