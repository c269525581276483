import Foundation

/// UEFI firmware of this computer: the code, and the variables that each machine gets a copy of.
struct BootFirmware: Hashable, Sendable {
  var code: String
  var variables: String

  /// Where distributions put OVMF, the likeliest first.
  private static let plain = [
    BootFirmware(code: "/usr/share/OVMF/OVMF_CODE_4M.fd", variables: "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    BootFirmware(code: "/usr/share/OVMF/OVMF_CODE.fd", variables: "/usr/share/OVMF/OVMF_VARS.fd"),
    BootFirmware(code: "/usr/share/edk2/ovmf/OVMF_CODE.fd", variables: "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    BootFirmware(code: "/usr/share/edk2/x64/OVMF_CODE.4m.fd", variables: "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
  ]

  /// Built with Secure Boot, and variables that hold the keys which distributions' loaders are signed with.
  private static let secure = [
    BootFirmware(code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", variables: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"),
    BootFirmware(code: "/usr/share/OVMF/OVMF_CODE.secboot.fd", variables: "/usr/share/OVMF/OVMF_VARS.ms.fd"),
    BootFirmware(
      code: "/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd", variables: "/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd"),
  ]

  static func find(secureBoot: Bool) -> BootFirmware? {
    (secureBoot ? secure : plain).first { pair in
      [pair.code, pair.variables].allSatisfy { FileManager.default.isReadableFile(atPath: $0) }
    }
  }
}
