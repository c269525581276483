/// A disk as the backup holds it.
public struct PathSource: Hashable, Sendable {
  /// Of the chain's images, base first.
  public var formats: [String]
  public var virtualSizeBytes: Int64
  /// Nil where only reading would tell: then all of it is taken to be data.
  public var allocatedBytes: Int64?
  /// True where the guest on it must be changed first.
  public var needsPreparation: Bool

  public init(
    formats: [String], virtualSizeBytes: Int64, allocatedBytes: Int64? = nil, needsPreparation: Bool = false
  ) {
    self.formats = formats
    self.virtualSizeBytes = virtualSizeBytes
    self.allocatedBytes = allocatedBytes
    self.needsPreparation = needsPreparation
  }

  var dataBytes: Int64 { min(allocatedBytes ?? virtualSizeBytes, virtualSizeBytes) }

  /// `vmdk`, or `qcow2 on qcow2 on raw` for a chain, top first.
  var formatText: String { formats.reversed().joined(separator: " on ") }
}
