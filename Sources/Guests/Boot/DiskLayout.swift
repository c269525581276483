import Foundation

/// How one disk is divided, as far as firmware looks at it.
struct DiskLayout: Sendable, Hashable {
  enum Table: Sendable, Hashable {
    case gpt
    case mbr
    /// None, or one of another kind.
    case none

    /// In the protocol's words.
    var name: String? {
      switch self {
      case .gpt: "gpt"
      case .mbr: "mbr"
      case .none: nil
      }
    }
  }

  enum Role: Sendable, Hashable {
    case efiSystem
    case biosBoot
    /// Of Windows' logical disk manager.
    case dynamicDisk
    /// Of Windows' storage spaces.
    case storageSpace
    case other
  }

  struct Partition: Sendable, Hashable {
    var device: String
    var role: Role
    /// The flag that classic boot code looks for.
    var active: Bool
    /// An EFI system partition that really holds a loader; an empty one starts nothing.
    var holdsLoader: Bool = false
  }

  var table: Table
  var partitions: [Partition]
  /// The first sector has boot code and ends with the signature that firmware wants.
  var hasBootCode: Bool

  private static let efiSystemType = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
  private static let biosBootType = "21686148-6449-6E6F-744E-656564454649"

  static func role(gptType: String) -> Role {
    switch gptType.uppercased() {
    case efiSystemType: .efiSystem
    case biosBootType: .biosBoot
    case "5808C8AA-7E8F-42E0-85D2-E1E90434CFB3", "AF9B60A0-1431-4F62-BC68-3311714A69AD": .dynamicDisk
    case "E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D": .storageSpace
    default: .other
    }
  }

  static func role(mbrType: Int32) -> Role {
    switch mbrType {
    case 0xef: .efiSystem
    case 0x42: .dynamicDisk
    default: .other
    }
  }

  /// Whether a first sector (512 bytes) holds code to start from.
  static func hasBootCode(_ sector: [UInt8]) -> Bool {
    // Code ends at 440; after it stand the disk's number and the partitions.
    sector.count >= 512 && sector[510] == 0x55 && sector[511] == 0xaa && sector[..<440].contains { $0 != 0 }
  }

  var startsWithUEFI: Bool { partitions.contains { $0.role == .efiSystem && $0.holdsLoader } }

  var startsWithBIOS: Bool {
    guard hasBootCode else { return false }
    switch table {
    // Without a partition for it there is no room for a boot loader's second part on a GPT disk.
    case .gpt: return partitions.contains { $0.role == .biosBoot }
    // Tools write boot code to every disk they partition; a disk with nothing but an ESP does not start from it.
    case .mbr: return partitions.contains { $0.role != .efiSystem }
    // A boot sector without a table, of a filesystem on the whole disk.
    case .none: return true
    }
  }
}
