import Foundation
import Testing

@testable import Guests

@Suite("Programs of the guest that run in the appliance")
struct GuestProgramsTests {
  private static let kernel = InstalledKernel(
    version: "6.1.0-9", image: "/boot/vmlinuz-6.1.0-9", initramfs: "/boot/initrd.img-6.1.0-9", builtIn: [],
    inInitramfs: [], installed: [])

  @Test("each tool is told the kernel, the file and the drivers, and not to look at the hardware that it runs on")
  func commands() throws {
    func command(_ tool: InitramfsTool) -> String {
      tool.rebuild(Self.kernel, at: "/boot/it's", root: "/dev/sda1", drivers: ["nvme", "ahci"])
    }
    #expect(command(.initramfsTools) == "update-initramfs -c -k '6.1.0-9'")
    #expect(command(.dracut) == "dracut --force --no-hostonly --add-drivers 'nvme ahci' '/boot/it'\\''s' '6.1.0-9'")
    #expect(command(.mkinitcpio) == "mkinitcpio -k '6.1.0-9' -S autodetect -g '/boot/it'\\''s'")
    #expect(command(.mkinitfs) == "mkinitfs -o '/boot/it'\\''s' '6.1.0-9'")
    #expect(command(.mkinitrd).hasPrefix("rootdev='/dev/sda1' mkinitrd -m 'nvme ahci' -k '/boot/vmlinuz-6.1.0-9'"))
    for tool in [InitramfsTool.initramfsTools, .dracut, .mkinitcpio, .mkinitfs, .mkinitrd] {
      try Lab.run("sh", ["-n", "-c", command(tool)])
    }
  }
}
