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

  /// Package managers that say what they were asked; the second of the asked packages is installed.
  @Test(
    "only packages that are there are removed, all in one go",
    arguments: [
      ("deb", "dpkg-query", "echo 'not-installed a'; echo 'installed b'; exit 1", "dpkg", "--remove b"),
      ("rpm", "rpm", "case $1 in -q) echo 'package a is not installed'; echo b; exit 1;; esac", "rpm", "-e b"),
      ("apk", "apk", "case $1-$3 in info-b) echo b;; info-*) exit 1;; esac", "apk", "del --no-network b"),
      ("pacman", "pacman", "case $1 in -Qq) echo b; exit 1;; esac", "pacman", "-R --noconfirm b"),
    ])
  func removal(format: String, asked: String, answer: String, remover: String, removes: String) throws {
    let folder = try TemporaryFolder()
    let log = folder.url.appendingPathComponent("log").path
    for name in Set([asked, remover]) {
      let body = name == asked ? answer : ""
      let url = folder.url.appendingPathComponent(name)
      try Data("#!/bin/sh\necho \"$*\" >>\(log)\n\(body)\n".utf8).write(to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    }
    let script = try #require(AgentRemoval.script(format, ["a", "b"]))
    let path = "\(folder.url.path):/usr/bin:/bin"
    #expect(try Lab.run("env", ["PATH=\(path)", "sh", "-c", script]).split(separator: "\n").last == "b")
    #expect(try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").last.map(String.init) == removes)
    #expect(AgentRemoval.script("msi", ["a"]) == nil)
  }
}
