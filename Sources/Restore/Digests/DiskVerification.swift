/// How far a restore compares the content of the disks.
public enum DiskVerification: String, Codable, Sendable, CaseIterable {
  /// Nothing is computed.
  case none
  /// What streams is digested on its way, and compared with what the catalog holds of the disk where that can be.
  case streamed
  /// Besides: a recorded backup is read before it is used, the prepared disk by the host before it is offered, and what
  /// arrived is read back where the connector can. Each is one more read of the disk.
  case full
}
