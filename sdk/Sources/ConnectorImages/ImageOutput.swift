/// The bytes of an image that were appended and not taken yet: little, since they are taken as they come.
public struct ImageOutput: Sendable {
  private enum Segment {
    case bytes([UInt8])
    case zeros(Int64)
  }

  /// Pieces are of about this many bytes, so that many small ones do not cost one call each.
  private static let usualPiece = 512 << 10
  /// Fewer zeros than this are bytes like others: a hole for them would cost more than it spares.
  static let leastHole: Int64 = 64 << 10
  private static let zeroPiece = [UInt8](repeating: 0, count: EncodedImageLimits.largestPiece)

  /// How many bytes were appended so far: where the next byte goes.
  public private(set) var position: Int64 = 0
  private let conveysHoles: Bool
  private var segments: [Segment] = []
  private var first = 0
  private var held: Int64 = 0

  /// - Parameter conveysHoles: Whether zeros come as such; otherwise as bytes.
  init(conveysHoles: Bool = false) {
    self.conveysHoles = conveysHoles
  }

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
    if case .zeros(let before) = segments.last, segments.count > first {
      segments[segments.count - 1] = .zeros(before + count)
    } else {
      segments.append(.zeros(count))
    }
  }

  /// Appends zeros up to a multiple of `boundary`.
  public mutating func pad(to boundary: Int64) {
    appendZeros((boundary - position % boundary) % boundary)
  }

  /// The next piece, or nil where there is too little for one; at the end there never is.
  mutating func take(isEnd: Bool) -> ImagePiece? {
    if first < segments.count, case .zeros(let count) = segments[first], isHole(count) {
      // The last zeros may become more.
      guard isEnd || first + 1 < segments.count else { return nil }
      first += 1
      return taken(.zeros(count))
    }
    guard held >= Self.usualPiece || (isEnd && held > 0) else { return nil }
    return taken(.bytes(gather()))
  }

  private func isHole(_ zeros: Int64) -> Bool { conveysHoles && zeros >= Self.leastHole }

  /// Bytes up to a usual piece's, or up to a hole.
  private mutating func gather() -> [UInt8] {
    var piece: [UInt8] = []
    while first < segments.count, piece.count < Self.usualPiece {
      let room = EncodedImageLimits.largestPiece - piece.count
      switch segments[first] {
      case .zeros(let count) where isHole(count): return piece
      case .bytes(let bytes) where bytes.count > room: return piece
      case .bytes(let bytes):
        first += 1
        if piece.isEmpty && bytes.count >= Self.usualPiece / 2 { return bytes }
        piece += bytes
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
    return piece
  }

  private mutating func taken(_ piece: ImagePiece) -> ImagePiece {
    held -= piece.count
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
