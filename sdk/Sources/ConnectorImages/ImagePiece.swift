/// A part of an image, in the order of the file.
public enum ImagePiece: Hashable, Sendable {
  /// At most `EncodedImage.largestPiece` of them.
  case bytes([UInt8])
  /// So many zeros, without the zeros: what takes them need not be sent them.
  case zeros(Int64)

  /// How many bytes of the file it stands for.
  public var count: Int64 {
    switch self {
    case .bytes(let bytes): Int64(bytes.count)
    case .zeros(let count): count
    }
  }
}
