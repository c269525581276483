import ConnectorProtocol
import Foundation

/// UEFI firmware files of this computer: the code, which all machines share, and the variables that each gets a copy of.
struct Firmware: Codable, Hashable, Sendable {
  var code: String
  var variables: String

  /// Where distributions put OVMF, the likeliest first.
  static let plain: [Firmware] = [
    Firmware(code: "/usr/share/OVMF/OVMF_CODE_4M.fd", variables: "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    Firmware(code: "/usr/share/OVMF/OVMF_CODE.fd", variables: "/usr/share/OVMF/OVMF_VARS.fd"),
    Firmware(code: "/usr/share/edk2/ovmf/OVMF_CODE.fd", variables: "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    Firmware(code: "/usr/share/edk2/x64/OVMF_CODE.4m.fd", variables: "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    Firmware(code: "/usr/share/qemu/ovmf-x86_64-code.bin", variables: "/usr/share/qemu/ovmf-x86_64-vars.bin"),
  ]

  /// With Secure Boot built in, and variables that hold Microsoft's keys.
  static let secure: [Firmware] = [
    Firmware(code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", variables: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"),
    Firmware(code: "/usr/share/OVMF/OVMF_CODE.secboot.fd", variables: "/usr/share/OVMF/OVMF_VARS.ms.fd"),
    Firmware(
      code: "/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd", variables: "/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd"),
  ]

  var isPresent: Bool {
    [code, variables].allSatisfy { FileManager.default.isReadableFile(atPath: $0) }
  }

  static func find(secureBoot: Bool) -> Firmware? {
    (secureBoot ? secure : plain).first(where: \.isPresent)
  }
}
