public import ConnectorProtocol

/// A digest that a backup holds of one of its files.
public struct RecordedDigest: Codable, Hashable, Sendable {
  /// The file's name in the backup.
  public var member: String
  public var path: String
  /// Where the file is in an archive, in bytes; nil where `path` is the file.
  public var offset: Int64?
  public var length: Int64
  public var algorithm: Algorithm
  /// Lower-case hexadecimal.
  public var value: String

  public init(
    member: String, path: String, offset: Int64? = nil, length: Int64, algorithm: Algorithm, value: String
  ) {
    self.member = member
    self.path = path
    self.offset = offset
    self.length = length
    self.algorithm = algorithm
    self.value = value
  }

  /// `sha1`, `sha256`, `sha512`, or what else the backup names, which is not checked.
  public struct Algorithm: OpenEnum {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let sha1: Algorithm = "sha1"
    public static let sha256: Algorithm = "sha256"
    public static let sha512: Algorithm = "sha512"

    /// How many hexadecimal digits a digest has; nil where it cannot be computed here.
    var digits: Int? { [.sha1: 40, .sha256: 64, .sha512: 128][self] }
  }

  /// Whether the digest can be computed here, and so compared.
  var isKnown: Bool { algorithm.digits != nil }
}
