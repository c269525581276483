import Foundation
import Support

/// Every reader and every gate that is fuzzed: one entry each.
enum FuzzTargets {
  static let all: [FuzzTarget] = [
    .backup("OVF", changing: "vm.ovf", ovf),
    .backup("OVA", changing: "vm.ova", text: false, archive: true, ova),
    .backup("OVA's descriptor", changing: "vm.ova", archive: true, ova),
    .backup("VMX", changing: "web.vmx", vmx),
    .backup("VMX snapshots", changing: "web.vmsd", vmx),
    .backup("libvirt", changing: "web.xml", libvirt),
    .backup("Hyper-V vmcx", changing: "Virtual Machines/a.vmcx", text: false) { try hyperv($0, xml: false) },
    .backup("Hyper-V xml", changing: "Virtual Machines/a.xml") { try hyperv($0, xml: true) },
    .image("qcow2", changing: "top.qcow2") { try await chain($0, "qcow2") },
    .image("VMDK", changing: "top.vmdk") { try await chain($0, "vmdk") },
    .image("VMDK descriptor", changing: "disk.vmdk", text: true) {
      try await $0.disk("disk.vmdk", "vmdk", options: "subformat=twoGbMaxExtentSparse")
    },
    .image("VHD", changing: "disk.vhd") { try await $0.disk("disk.vhd", "vpc") },
    .image("VHDX", changing: "disk.vhdx") { try await $0.disk("disk.vhdx", "vhdx", size: 1 << 20) },
    .image("AVHDX", changing: "top.avhdx", avhdx),
  ]

  private static func ovf(_ folder: TestFolder) async throws {
    try await folder.disk("disk1.vmdk", "vmdk", options: "subformat=streamOptimized")
    try folder.write("vm.ovf", TestDescriptor().bytes)
  }

  private static func ova(_ folder: TestFolder) async throws {
    try await folder.disk("d", "vmdk", size: 65536, options: "subformat=streamOptimized")
    var archive = TestArchive()
    archive.add("vm.ovf", TestDescriptor().bytes)
    archive.add("disk1.vmdk", try folder.bytes("d"))
    archive.finish()
    unlink(folder("d"))
    try folder.write("vm.ova", archive.bytes)
  }

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

  private static func chain(_ folder: TestFolder, _ format: String) async throws {
    try await folder.disk("base.\(format)", format)
    _ = try await Tool.output(
      "qemu-img",
      ["create", "-q", "-f", format, "-b", folder("base.\(format)"), "-F", format, folder("top.\(format)")])
  }

  private static func avhdx(_ folder: TestFolder) async throws {
    try await folder.disk("base.vhdx", "vhdx", size: 2 << 20, options: "block_size=1M")
    var child = TestVHDX(size: 2 << 20)
    child.parentLinkage = try TestVHDX.identifier(of: folder("base.vhdx"))
    child.parentNames = ["relative_path": "base.vhdx"]
    child.blocks = [0: .partly([3: Array(repeating: 9, count: 512)])]
    try folder.write("top.avhdx", child.bytes())
  }
}
