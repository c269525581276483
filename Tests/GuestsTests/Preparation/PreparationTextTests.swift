import ConnectorProtocol
import Testing

@testable import Guests

@Suite("Preparation's decisions")
struct PreparationTextTests {
  @Test("the block of ours is added once, keeps what it holds, and leaves the rest alone")
  func block() {
    let empty = MarkedBlock.adding(["a", "b"], to: "")
    #expect(empty == "\(MarkedBlock.begin)\na\nb\n\(MarkedBlock.end)\n")
    let text = "# comment\nvmw_pvscsi\n"
    let once = MarkedBlock.adding(["a", "b"], to: text)
    #expect(once == "# comment\nvmw_pvscsi\n\(MarkedBlock.begin)\na\nb\n\(MarkedBlock.end)\n")
    #expect(MarkedBlock.adding(["b", "a"], to: once) == once)
    let more = MarkedBlock.adding(["c"], to: once + "later\n")
    #expect(more == "# comment\nvmw_pvscsi\n\(MarkedBlock.begin)\na\nb\nc\n\(MarkedBlock.end)\nlater\n")
    #expect(MarkedBlock.adding(["a"], to: "x").hasPrefix("x\n\(MarkedBlock.begin)\n"))
  }

  @Test("a block whose end somebody removed is left as text")
  func brokenBlock() {
    let text = "\(MarkedBlock.begin)\na\nmine\n"
    let result = MarkedBlock.adding(["b"], to: text)
    #expect(result.hasPrefix(text))
    #expect(result.hasSuffix("\(MarkedBlock.begin)\nb\n\(MarkedBlock.end)\n"))
  }

  @Test("needs are those of the guest's family and version")
  func needs() {
    let needs = [
      DriverNeed(when: .init(family: "linux"), need: ["virtio_blk", "virtio_pci"], initramfs: true),
      DriverNeed(when: .init(family: "linux"), need: ["virtio_net", "virtio_pci"]),
      DriverNeed(when: .init(family: "linux", min: "13"), need: ["new"], initramfs: true),
      DriverNeed(when: .init(family: "linux", below: "12.5"), need: ["old"], initramfs: true),
      DriverNeed(when: .init(family: "windows"), need: ["viostor"], initramfs: true),
    ]
    let linux = DriverNeeds(needs, family: "linux", version: "12.5")
    #expect(linux.early == ["virtio_blk", "virtio_pci"])
    #expect(linux.late == ["virtio_net"])
    #expect(DriverNeeds(needs, family: "linux", version: nil).early == ["virtio_blk", "virtio_pci", "new", "old"])
    #expect(DriverNeeds(needs, family: "windows", version: "10.0").all == ["viostor"])
    #expect(DriverNeeds(needs, family: "freebsd", version: nil).all == [])
  }

  @Test(
    "version ranges",
    arguments: [
      ("6.1", "6.1", "10.0", true), ("10.0", "6.1", "10.0", false), ("6.0", "6.1", nil, false),
      ("6.10", "6.9", nil, true),
      ("7", "7.0", nil, true), ("22.04", nil, "24", true),
    ] as [(String, String?, String?, Bool)])
  func ranges(version: String, min: String?, below: String?, applies: Bool) {
    let condition = DriverNeed.Condition(family: "linux", min: min, below: below)
    #expect(DriverNeeds.applies(condition, family: "linux", version: version) == applies)
  }

  private func inspection(_ kernels: [InstalledKernel]) -> GuestInspection {
    GuestInspection(
      facts: GuestFacts(understood: true, family: "linux", distribution: "rocky", productName: "Rocky Linux 9.3"),
      possibleFirmware: [.bios], root: "/dev/sda1", mounts: [], packageFormat: "rpm", kernels: kernels, notes: [])
  }

  @Test("a Linux without a kernel that can be given drivers is ready only when none are needed")
  func otherLinux() {
    let kernel = InstalledKernel(
      version: "5.14", image: "/boot/vmlinuz-5.14", builtIn: ["virtio_pci"], inInitramfs: ["virtio_blk"], installed: [])
    let needs = DriverNeeds(
      [DriverNeed(when: .init(family: "linux"), need: ["virtio_pci", "virtio_blk"], initramfs: true)], family: "linux",
      version: nil)
    #expect(LinuxPreparation.handles(inspection([kernel])))
    #expect(!LinuxPreparation.handles(inspection([])))
    let lacking = OtherLinux.report(inspection([]), needs)
    #expect(!lacking.prepared && lacking.missing == ["virtio_pci", "virtio_blk"])
    #expect(lacking.reason?.contains("Rocky Linux 9.3") == true)
    #expect(OtherLinux.report(inspection([]), DriverNeeds([], family: "linux", version: nil)).prepared)
  }

  @Test("the loader's names follow the guest's architecture")
  func loaderNames() {
    #expect(FallbackLoader.Names(architecture: "x86_64")?.fallback == "BOOTX64.EFI")
    #expect(
      FallbackLoader.Names(architecture: "aarch64")?.loaders
        == ["shimaa64.efi", "shim.efi", "grubaa64.efi", "grub.efi", "systemd-bootaa64.efi"])
    #expect(FallbackLoader.Names(architecture: "x86_64")?.companions["shim.efi"]?.first == "grub.efi")
    #expect(FallbackLoader.Names(architecture: "s390x") == nil)
    let names = FallbackLoader.Names(architecture: "x86_64")
    func copies(_ loader: String, _ present: Set<String>) -> [String] {
      names?.copies(loader, with: present).map { "\($0.name) \($0.new)" } ?? []
    }
    // GRUB before 2 reads what is named after itself, wherever it is.
    #expect(copies("grub.efi", ["grub.conf"]) == ["grub.efi BOOTX64.EFI", "grub.conf BOOTX64.conf"])
    #expect(copies("grub.efi", ["grub.conf", "grub.cfg"]) == ["grub.efi BOOTX64.EFI", "grub.cfg grub.cfg"])
    #expect(copies("shim.efi", ["grub.efi"]) == ["shim.efi BOOTX64.EFI", "grub.efi grub.efi"])
    #expect(FallbackLoader.Names(architecture: nil) == nil)
  }
}
