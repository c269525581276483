/// The limits of EC2 and EBS that do not depend on the instance type.
enum MachineLimits {
  static let gibibyte: Int64 = 1 << 30
  /// A volume has a whole number of GiB.
  static let diskStep = gibibyte
  /// Of a volume (gp3, io2).
  static let diskBytes: Int64 = 64 << 40
  /// Of a disk that comes by VM Import: larger ones need a manifest of parts.
  static let importBytes: Int64 = 8 << 40
  /// An MBR names no sector beyond that.
  static let mbrBytes: Int64 = 2 << 40
  /// What one block of a snapshot holds.
  static let blockBytes = 512 << 10
  /// Of the largest instance types: 128 attachments, shared with network interfaces on older ones. The type decides.
  static let disks = 27
  static let nics = 15
  static let processors = 896
  static let memoryBytes: Int64 = 32 << 40
  /// A tag's value, and so the name that people see.
  static let name = 128
  /// Most user data that an instance takes, before Base64.
  static let userData = 16 << 10
}
