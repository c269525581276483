/// Something that the backup says of the machine and that a restore does not carry over.
public struct Loss: Codable, Hashable, Sendable {
  /// What it is, in the backup's own words.
  public var property: String
  public var value: String?
  public var why: String

  public init(property: String, value: String? = nil, why: String) {
    self.property = property
    self.value = value
    self.why = why
  }
}
