public import ConnectorProtocol

/// A connector found on this computer. Nothing of it has been executed.
public struct ConnectorInstallation: Hashable, Sendable {
  /// One plain path component, the folder's name and the platform's.
  public var id: String
  /// Absolute.
  public var folder: String
  public var document: CapabilityDocument
  /// SHA-256, hexadecimal, of the bytes of `connector.json`.
  public var documentDigest: String
  /// Absolute, inside `folder`.
  public var executable: String

  public init(
    id: String, folder: String, document: CapabilityDocument, documentDigest: String, executable: String
  ) {
    self.id = id
    self.folder = folder
    self.document = document
    self.documentDigest = documentDigest
    self.executable = executable
  }
}
