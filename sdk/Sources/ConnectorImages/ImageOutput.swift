/// The bytes of an image that were appended and not taken yet: little, since they are taken as they come.
public struct ImageOutput: Sendable {
  private enum Segment {
    case bytes([UInt8])
    case zeros(Int64)
  }

  /// Pieces are of about this many bytes, so that many small ones do not cost one call each.
  private static let usualPiece = 512 << 10
  private static let zeroPiece = [UInt8](repeating: 0, count: EncodedImageLimits.largestPiece)

  /// How many bytes were appended so far: where the next byte goes.
  public private(set) var position: Int64 = 0
  private var segments: [Segment] = []
  private var first = 0
  private var held: Int64 = 0

  init() {}

  public mutating func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    position += Int64(bytes.count)
    held += Int64(bytes.count)
    let most = EncodedImageLimits.largestPiece
    guard bytes.count > most else { return segments.append(.bytes(bytes)) }
    for start in stride(from: 0, to: bytes.count, by: most) {
      segments.append(.bytes(Array(bytes[start..<min(start + most, bytes.count)])))
    }
  }

  /// Appends zeros, any number of them.
  public mutating func appendZeros(_ count: Int64) {
    guard count > 0 else { return }
    position += count
    held += count
    segments.append(.zeros(count))
  }

  /// Appends zeros up to a multiple of `boundary`.
  public mutating func pad(to boundary: Int64) {
    appendZeros((boundary - position % boundary) % boundary)
  }

  /// The next piece, or nil where there is too little for one; at the end there never is.
  mutating func take(isEnd: Bool) -> [UInt8]? {
    guard held >= Self.usualPiece || (isEnd && held > 0) else { return nil }
    var piece: [UInt8] = []
    while first < segments.count, piece.count < Self.usualPiece {
      let room = EncodedImageLimits.largestPiece - piece.count
      switch segments[first] {
      case .bytes(let bytes) where bytes.count > room:
        return taken(piece)
      case .bytes(let bytes):
        if piece.isEmpty && bytes.count >= Self.usualPiece / 2 {
          piece = bytes
        } else {
          piece += bytes
        }
        first += 1
        if piece.count == bytes.count && piece.count >= Self.usualPiece / 2 { return taken(piece) }
      case .zeros(let count):
        let now = Int(min(count, Int64(room)))
        if piece.isEmpty && now == Self.zeroPiece.count {
          piece = Self.zeroPiece
        } else {
          piece += repeatElement(0, count: now)
        }
        if Int64(now) == count { first += 1 } else { segments[first] = .zeros(count - Int64(now)) }
      }
    }
    return taken(piece)
  }

  private mutating func taken(_ piece: [UInt8]) -> [UInt8] {
    held -= Int64(piece.count)
    if first == segments.count {
      segments.removeAll(keepingCapacity: true)
      first = 0
    }
    return piece
  }
}

enum EncodedImageLimits {
  static let largestPiece = 1 << 20
}
