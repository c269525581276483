import ConnectorProtocol
import Testing

@testable import Guests

@Suite("Which disk starts, and how")
struct BootLayoutTests {
  private typealias Partition = DiskLayout.Partition

  private static func disk(
    _ table: DiskLayout.Table, _ roles: [DiskLayout.Role], loader: Bool = true, code: Bool = true, active: Bool = false
  ) -> DiskLayout {
    DiskLayout(
      table: table,
      partitions: roles.enumerated().map { index, role in
        Partition(
          device: "/dev/sda\(index + 1)", role: role, active: active && index == 0,
          holdsLoader: role == .efiSystem && loader)
      },
      hasBootCode: code)
  }

  static let single: [(DiskLayout, [FirmwareType], FirmwareType?)] = [
    (disk(.gpt, [.efiSystem, .other], code: false), [.uefi], .uefi),
    (disk(.gpt, [.efiSystem, .other], loader: false, code: false), [], nil),
    (disk(.gpt, [.biosBoot, .other]), [.bios], .bios),
    (disk(.gpt, [.other]), [], nil),
    (disk(.gpt, [.biosBoot, .efiSystem, .other]), [.uefi, .bios], .bios),
    (disk(.mbr, [.other], active: true), [.bios], .bios),
    (disk(.mbr, [.other], code: false, active: true), [], nil),
    (disk(.mbr, [.efiSystem, .other], active: true), [.uefi, .bios], .uefi),
    (disk(.mbr, [.efiSystem, .other], code: false), [.uefi], .uefi),
    (disk(.mbr, [.efiSystem], code: true), [.uefi], .uefi),
    (disk(.none, [], code: true), [.bios], .bios),
    (disk(.none, [], code: false), [], nil),
  ]

  @Test("one disk", arguments: single.indices)
  func one(index: Int) {
    let (disk, possible, firmware) = Self.single[index]
    let layout = BootLayout([disk], system: [0])
    #expect(layout.possible == possible)
    #expect(layout.firmware == firmware)
    #expect(layout.bootDisk == 0)
  }

  @Test("the recorded firmware decides where both are possible, and only there")
  func recorded() {
    let hybrid = Self.disk(.gpt, [.biosBoot, .efiSystem])
    #expect(BootLayout([hybrid], recorded: .uefi).firmware == .uefi)
    #expect(BootLayout([hybrid], recorded: .bios).firmware == .bios)
    #expect(BootLayout([Self.disk(.mbr, [.other], active: true)], recorded: .uefi).firmware == .bios)
  }

  @Test("among several disks the one with the system on it starts")
  func several() {
    let system = Self.disk(.mbr, [.other], active: true)
    let data = Self.disk(.mbr, [.other])
    #expect(BootLayout([data, system], system: [1]).bootDisk == 1)
    #expect(BootLayout([system, system], system: [1]).bootDisk == 1)
    #expect(BootLayout([data, system]).bootDisk == 1)
    // The ESP's disk starts although the root is on another.
    let esp = Self.disk(.gpt, [.efiSystem], code: false)
    #expect(BootLayout([Self.disk(.none, [], code: false), esp], system: [0]).bootDisk == 1)
    #expect(BootLayout([Self.disk(.none, [], code: false), data]).bootDisk == nil)
  }

  @Test("boot code is what stands before the partitions, with the signature")
  func bootCode() {
    var sector = [UInt8](repeating: 0, count: 512)
    sector[510] = 0x55
    sector[511] = 0xaa
    sector[446] = 0x80
    #expect(!DiskLayout.hasBootCode(sector))
    sector[0] = 0xeb
    #expect(DiskLayout.hasBootCode(sector))
    sector[511] = 0
    #expect(!DiskLayout.hasBootCode(sector))
    #expect(!DiskLayout.hasBootCode([0xeb]))
  }

  @Test("partition types")
  func types() {
    #expect(DiskLayout.role(gptType: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b") == .efiSystem)
    #expect(DiskLayout.role(gptType: "21686148-6449-6E6F-744E-656564454649") == .biosBoot)
    #expect(DiskLayout.role(gptType: "0FC63DAF-8483-4772-8E79-3D69D8477DE4") == .other)
    #expect(DiskLayout.role(mbrType: 0xef) == .efiSystem)
    #expect(DiskLayout.role(mbrType: 0x83) == .other)
  }

  @Test("kernels are those that /boot and /lib/modules agree on")
  func kernels() {
    let found = InstalledKernel.versions(
      boot: [
        "vmlinuz-6.1.0-9-amd64", "vmlinuz-5.10.0-1-amd64", "vmlinuz-", "vmlinuz-../x", "initrd.img-6.1.0-9-amd64",
      ],
      modules: ["6.1.0-9-amd64", "4.19.0", "../x", ".", ""])
    #expect(found.map(\.version) == ["6.1.0-9-amd64"])
    #expect(found.first?.image == "/boot/vmlinuz-6.1.0-9-amd64")
  }

  @Test("versions are written as their distributions write them")
  func versions() {
    #expect(GuestExamination.version(major: 22, minor: 4, distribution: "ubuntu") == "22.04")
    #expect(GuestExamination.version(major: 24, minor: 10, distribution: "ubuntu") == "24.10")
    #expect(GuestExamination.version(major: 12, minor: 5, distribution: "debian") == "12.5")
    #expect(GuestExamination.version(major: 0, minor: 0, distribution: "arch") == nil)
  }
}
