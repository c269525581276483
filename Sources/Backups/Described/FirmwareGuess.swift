import ConnectorProtocol
import Disks

/// The firmware that a disk is made for, where the backup does not say.
enum FirmwareGuess {
  /// Nil where the disk does not tell, or cannot be looked at: a guess is not worth an error.
  static func of(_ chain: DiskChain) async -> FirmwareType? {
    guard let start = try? await DiskStart.read(chain) else { return nil }
    return start.firmware
  }
}
