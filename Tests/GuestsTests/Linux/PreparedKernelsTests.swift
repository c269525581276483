import ConnectorProtocol
import Support
import Testing

@testable import Guests

@Suite("Kernels that cannot be given drivers")
struct PreparedKernelsTests {
  private func kernel(
    _ version: String, initramfs: String? = "/boot/initrd", builtIn: [String] = [], unreadable: String? = nil,
    unified: String? = nil, isDefault: Bool = false
  ) -> InstalledKernel {
    InstalledKernel(
      version: version, image: "/boot/vmlinuz-\(version)", initramfs: initramfs, builtIn: builtIn, inInitramfs: [],
      installed: ["nvme"], unreadable: unreadable, unified: unified, startsByDefault: isDefault)
  }

  private func code(_ kernels: [InstalledKernel]) -> AscendError.Code? {
    do throws(AscendError) {
      _ = try PreparedKernels(kernels, drivers: ["nvme"], tool: nil)
      return nil
    } catch { return error.code }
  }

  @Test("an old kernel without an initramfs is passed over, the one that starts by default is not")
  func stale() throws {
    let good = kernel("6.1", isDefault: true)
    let result = try PreparedKernels([kernel("6.0", initramfs: nil), good], drivers: ["nvme"], tool: nil)
    #expect(result.usable == [good] && result.warnings.count == 1 && result.warnings[0].contains("6.0"))
    #expect(code([kernel("6.0"), kernel("6.1", initramfs: nil, isDefault: true)]) == "guest.initramfsUnreadable")
    // Both are lost: there is nothing to start with.
    #expect(code([kernel("6.0", initramfs: nil), kernel("6.1", unreadable: "x", isDefault: true)]) != nil)
    #expect(code([kernel("6.0", unreadable: "it ends early"), good]) == nil)
  }

  @Test("a fallback that cannot be read is passed over, the main one is not")
  func fallback() {
    let main = kernel("6.6", initramfs: "/boot/initramfs-linux.img", isDefault: true)
    var fallback = kernel("6.6", initramfs: "/boot/initramfs-linux-fallback.img", unreadable: "x", isDefault: true)
    #expect(code([main, fallback]) == nil)
    fallback.unreadable = nil
    var broken = main
    broken.unreadable = "x"
    #expect(code([broken, fallback]) == "guest.initramfsUnreadable")
  }

  @Test("a kernel that needs nothing is no obstacle, whatever is with its initramfs")
  func builtIn() throws {
    #expect(code([kernel("6.1", initramfs: nil, builtIn: ["nvme"], isDefault: true)]) == nil)
    let odd = kernel("6.1", builtIn: ["nvme"], unreadable: "x", isDefault: true)
    let result = try PreparedKernels([odd], drivers: ["nvme"], tool: nil)
    #expect(result.usable == [] && result.warnings.count == 1)
  }

  @Test("a unified kernel image is a refusal of its own")
  func unified() {
    let images = ["/boot/EFI/Linux/arch-linux.efi", "/boot/EFI/Linux/arch-linux-lts.efi", "/efi/EFI/Linux/a-6.7.1.efi"]
    #expect(KernelSurvey.unified(images, version: "6.6.8", image: "/boot/vmlinuz-linux") == images[0])
    #expect(KernelSurvey.unified(images, version: "6.6.8", image: "/boot/vmlinuz-linux-lts") == images[1])
    #expect(KernelSurvey.unified(images, version: "6.7.1", image: "/boot/vmlinuz-6.7.1") == images[2])
    #expect(KernelSurvey.unified(images, version: "6.6.9", image: "/boot/vmlinuz-6.6.9") == nil)
    #expect(code([kernel("6.6.8", initramfs: nil, unified: images[0], isDefault: true)]) == "guest.unifiedKernel")
  }

  @Test("the kernel that starts by default is what a setting names, else the newest")
  func byDefault() {
    let kernels = [
      ("6.1.0-9", "/boot/vmlinuz-6.1.0-9"), ("6.1.0-13", "/boot/vmlinuz-6.1.0-13"),
      ("6.1.0-9-rt", "/boot/vmlinuz-6.1.0-9-rt"),
    ]
    func version(_ path: String, _ text: String) -> String? {
      DefaultKernel.version([path: text], kernels.map { (version: $0.0, image: $0.1) })
    }
    #expect(version("/none", "") == "6.1.0-13")
    #expect(version("/boot/grub2/grubenv", "# GRUB\nsaved_entry=aabb-6.1.0-9-rt\n#####") == "6.1.0-9-rt")
    #expect(version("/boot/grub/grubenv", "saved_entry=0\n") == "6.1.0-13")
    #expect(version("/etc/default/grub", "GRUB_DEFAULT=\"1>Debian, with Linux 6.1.0-9\"\n") == "6.1.0-9")
    #expect(version("/etc/default/grub", "GRUB_DEFAULT='1>2'\n") == nil)
    let saved = ["/etc/default/grub": "GRUB_DEFAULT=0\n", "/boot/grub/grubenv": "saved_entry=6.1.0-9\n"]
    #expect(DefaultKernel.version(saved, kernels.map { (version: $0.0, image: $0.1) }) == "6.1.0-13")
    #expect(
      version(
        "/boot/grub/menu.lst",
        "default 1\ntitle A\n kernel /vmlinuz-6.1.0-13 ro\ntitle B\n kernel /vmlinuz-6.1.0-9 ro\n")
        == "6.1.0-9")
    #expect(version("/boot/loader/loader.conf", "timeout 3\ndefault aabb-6.1.0-9.conf\n") == "6.1.0-9")
    #expect(
      version(
        "/boot/extlinux.conf", "DEFAULT old\nLABEL new\n LINUX /vmlinuz-6.1.0-13\nLABEL old\n LINUX /vmlinuz-6.1.0-9\n")
        == "6.1.0-9")
  }

  @Test("a plan blocks on what preparation refuses, and on nothing else")
  func sameFacts() {
    let kernels = [
      kernel("5.10", initramfs: nil), kernel("6.0", unreadable: "x"), kernel("6.1", isDefault: true),
      kernel("6.2", initramfs: nil, unified: "/efi/EFI/Linux/a-6.2.efi"),
    ]
    for kernels in [kernels, Array(kernels.prefix(2)), [kernels[0], kernels[2]], [kernels[3]]] {
      let fitness = KernelFitness(kernels.map { $0.facts(["nvme"]) }, needs: ["nvme"])
      #expect(fitness.obstacles.contains { !$0.isPassedOver } == (code(kernels) != nil))
    }
  }
}
