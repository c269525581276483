import Foundation
import Support

/// Every reader and every gate that is fuzzed: one entry each.
enum FuzzTargets {
  static let all = machines + packages + described + images

  /// Machines as their own platform keeps them.
  private static let machines: [FuzzTarget] = [
    .backup("VMX", changing: "web.vmx", vmx),
    .backup("VMX snapshots", changing: "web.vmsd", vmx),
    .backup("libvirt", changing: "web.xml", libvirt),
    .backup("Hyper-V vmcx", changing: "Virtual Machines/a.vmcx", text: false) { try hyperv($0, xml: false) },
    .backup("Hyper-V xml", changing: "Virtual Machines/a.xml") { try hyperv($0, xml: true) },
  ]

  private static func vmx(_ folder: TestFolder) async throws {
    try await chain(folder, "vmdk")
    for (old, new) in [("base.vmdk", "web.vmdk"), ("top.vmdk", "web-000001.vmdk")] {
      try FileManager.default.copyItem(atPath: folder(old), toPath: folder(new))
    }
    try await folder.disk("web_1.vmdk", "vmdk")
    try folder.write("web.vmx", TestVMX.text.utf8)
    try folder.write("web.vmsd", TestVMX.snapshots.utf8)
  }

  private static func libvirt(_ folder: TestFolder) async throws {
    try await folder.disk("top.qcow2", "qcow2")
    try await folder.disk("data", "raw")
    try folder.write("web.xml", LibvirtTests.text.utf8)
  }

  private static func hyperv(_ folder: TestFolder, xml: Bool) throws {
    for name in ["Virtual Machines", "Virtual Hard Disks"] {
      try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
    }
    try folder.write("Virtual Hard Disks/web.vhdx", TestVHDX(size: 2 << 20).bytes())
    let machine = TestVMCX.machine(["C:\\VMs\\Virtual Hard Disks\\web.vhdx"])
    if xml {
      try folder.write("Virtual Machines/a.xml", TestHyperVText.bytes(machine))
    } else {
      try folder.write("Virtual Machines/a.vmcx", TestVMCX(root: machine).bytes)
    }
  }

  /// An image and one that stands on it.
  static func chain(_ folder: TestFolder, _ format: String) async throws {
    try await folder.disk("base.\(format)", format)
    _ = try await Tool.output(
      "qemu-img",
      ["create", "-q", "-f", format, "-b", folder("base.\(format)"), "-F", format, folder("top.\(format)")])
  }
}
