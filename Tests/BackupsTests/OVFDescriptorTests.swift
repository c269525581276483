import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct OVFDescriptorTests {
  private func hardware(_ descriptor: TestDescriptor) throws -> OVFHardware {
    try OVFHardware(try package(descriptor).items)
  }

  private func package(_ descriptor: TestDescriptor) throws -> OVFPackage {
    try OVFPackage.read(try XMLTree.parse(descriptor.bytes))
  }

  @Test func sizesAndSystem() throws {
    var descriptor = TestDescriptor()
    descriptor.settings = """
      <vmw:Config vmw:key="firmware" vmw:value="efi"/>
      <vmw:Config vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>
      <vmw:ExtraConfig vmw:key="svga.autodetect" vmw:value="TRUE"/>
      """
    descriptor.sections = "<AnnotationSection><Info/><Annotation>the web server\n</Annotation></AnnotationSection>"
    let hardware = try hardware(descriptor)
    #expect(hardware.cpu == .init(count: 4, coresPerSocket: 2))
    #expect(hardware.memoryBytes == 2 << 30)
    let system = OVFSystem(try package(descriptor), fallbackName: "x")
    #expect(system.name == "web-01")
    #expect(system.platform == "vmware")
    #expect(system.product == "vmx-19")
    #expect(system.notes == "the web server")
    #expect(system.firmware == .init(type: .uefi, secureBoot: true, tpm: false))
    #expect(system.guest == .init(family: "linux", name: nil, sourceID: "debian12_64Guest"))
    let losses = OVFLosses.system(try package(descriptor))
    #expect(losses.map(\.property) == ["svga.autodetect"])
  }

  @Test(arguments: [
    ("byte", 512, 512), ("byte * 2^20", 3, 3 << 20), ("byte*2^30", 1, 1 << 30), ("byte * 1024", 2, 2048),
    ("byte * 10^6", 1, 1_000_000), ("MegaBytes", 5, 5 << 20), ("GigaBytes", 1, 1 << 30), ("KiloBytes", 4, 4096),
    ("MB", 1, 1 << 20), ("byte * 2^10 * 2^10", 1, 1 << 20),
  ]) func units(_ text: String, _ quantity: Int64, _ bytes: Int64) {
    #expect(OVFUnits.bytes(String(quantity), unit: OVFUnits.bytes(text)) == bytes)
  }

  @Test(arguments: ["furlong", "byte * 2^64", "byte * 2^-1", "byte *", "hertz * 10^6", "byte * 2^2^2", "2^20"])
  func unitsThatAreNone(_ text: String) { #expect(OVFUnits.bytes(text) == nil) }

  @Test(arguments: ["-1", "", "many", "9223372036854775807"]) func memoryThatIsNone(_ quantity: String) throws {
    var descriptor = TestDescriptor()
    descriptor.memory = TestDescriptor.item(
      4, 2, "memory", "<rasd:VirtualQuantity>\(quantity)</rasd:VirtualQuantity>", units: "byte * 2^20")
    #expect(throws: OVFHardware.Malformed.self) { try hardware(descriptor) }
  }

  @Test func disksStandInTheOrderOfTheirControllers() throws {
    var descriptor = TestDescriptor()
    descriptor.controllers =
      TestDescriptor.item(6, 4, "SCSI controller 1", "<rasd:Address>1</rasd:Address>", subtype: "lsilogicsas")
      + TestDescriptor.item(6, 3, "SCSI controller 0", "<rasd:Address>0</rasd:Address>", subtype: "VirtualSCSI")
      + TestDescriptor.item(20, 5, "SATA", "<rasd:Address>0</rasd:Address>", subtype: "vmware.sata.ahci")
      + TestDescriptor.item(20, 6, "NVMe", "<rasd:Address>0</rasd:Address>", subtype: "vmware.nvme.controller")
      + TestDescriptor.item(5, 7, "IDE", "<rasd:Address>0</rasd:Address>")
    descriptor.diskItems =
      TestDescriptor.diskItem("e", 24, "ovf:/disk/e", parent: 6, address: 0)
      + TestDescriptor.diskItem("c", 22, "/disk/c", parent: 4, address: 0)
      + TestDescriptor.diskItem("b", 21, "ovf:/disk/b", parent: 3, address: 10)
      + TestDescriptor.diskItem("a", 20, "ovf:/file/f1", parent: 3, address: 2)
      + TestDescriptor.diskItem("d", 23, "ovf:/disk/d", parent: 5, address: 0)
    let hardware = try hardware(descriptor)
    #expect(hardware.disks.map(\.item.name) == ["a", "b", "c", "d", "e"])
    #expect(hardware.disks.map(\.controller?.id) == ["scsi0", "scsi0", "scsi1", "sata0", "nvme0"])
    #expect(hardware.disks[0].fileID == "f1")
    #expect(hardware.controllers.map(\.bus) == ["pvscsi", "lsi-sas", "sata", "nvme", "ide"])
  }

  @Test func networkInterfaces() throws {
    var descriptor = TestDescriptor()
    descriptor.extraItems =
      TestDescriptor.item(
        10, 30, "NIC 1", "<rasd:Address>00:50:56:AB:cd:01</rasd:Address><rasd:Connection>VM Network</rasd:Connection>",
        subtype: "VmxNet3")
      + TestDescriptor.item(
        10, 31, "NIC 2",
        "<rasd:AutomaticAllocation>false</rasd:AutomaticAllocation><rasd:Address>08002712ab34</rasd:Address>",
        subtype: "E1000 PCNet32")
      + TestDescriptor.item(10, 32, "NIC 3", "<rasd:Address>nonsense</rasd:Address>")
    let hardware = try hardware(descriptor)
    #expect(
      hardware.nics == [
        .init(index: 0, model: "vmxnet3", mac: "00:50:56:ab:cd:01", network: "VM Network"),
        .init(index: 1, model: "e1000", mac: "08:00:27:12:ab:34", connected: false),
        .init(index: 2),
      ])
    #expect(hardware.findings.count == 1)
  }

  @Test func whatIsNotCarriedOverIsSaid() throws {
    var descriptor = TestDescriptor()
    descriptor.extraItems =
      TestDescriptor.item(15, 40, "CD/DVD drive 1") + TestDescriptor.item(14, 41, "Floppy drive 1")
      + TestDescriptor.item(23, 42, "USB Controller", subtype: "vmware.usb.ehci")
      + TestDescriptor.item(35, 43, "Sound")
      + TestDescriptor.item(1, 44, "TPM", subtype: "vmware.vtpm")
      + TestDescriptor.item(
        24, 45, "Video card", #"<vmw:Config vmw:key="videoRamSizeInKB" vmw:value="4096"/>"#)
    let hardware = try hardware(descriptor)
    #expect(hardware.tpm)
    #expect(
      hardware.losses.map(\.property) == [
        "CD drive", "Floppy drive", "USB controller", "Sound card", "vTPM contents", "Video card",
        "Video card: videoRamSizeInKB",
      ])
    descriptor.sections = """
      <ProductSection><Info/><Property ovf:key="host" ovf:type="string" ovf:value="web"/>
      <Property ovf:key="secret" ovf:type="string" ovf:password="true" ovf:value="hunter2"/></ProductSection>
      <EulaSection><Info/></EulaSection>
      """
    let losses = OVFLosses.system(try package(descriptor))
    #expect(losses.map(\.property) == ["Product property host", "Product property secret", "EulaSection"])
    #expect(losses.map(\.value) == ["web", nil, nil])
  }

  /// Version 2 has elements of its own for storage and network interfaces, in namespaces of their own.
  @Test func theSecondVersion() throws {
    var descriptor = TestDescriptor()
    descriptor.diskItems = descriptor.diskItems.replacing("rasd:", with: "sasd:").replacing(
      "Item>", with: "StorageItem>")
    descriptor.extraItems =
      TestDescriptor.item(
        10, 30, "NIC 1", "<rasd:Address>00:50:56:ab:cd:01</rasd:Address><rasd:Connection>office</rasd:Connection>",
        subtype: "VmxNet3"
      ).replacing("rasd:", with: "epasd:").replacing("Item>", with: "EthernetPortItem>")
    let cim = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_"
    let text = descriptor.text.replacing("envelope/1", with: "envelope/2").replacing(
      "xmlns:vmw=",
      with: "xmlns:sasd=\"\(cim)StorageAllocationSettingData.xsd\" "
        + "xmlns:epasd=\"\(cim)EthernetPortAllocationSettingData.xsd\" xmlns:vmw=")
    let package = try OVFPackage.read(try XMLTree.parse(Array(text.utf8)))
    let hardware = try OVFHardware(package.items)
    #expect(hardware.disks.map(\.diskID) == ["vmdisk1"] && hardware.disks[0].controller?.id == "scsi0")
    #expect(
      hardware.nics == [.init(index: 0, model: "vmxnet3", mac: "00:50:56:ab:cd:01", network: "office")])
    #expect(hardware.losses.isEmpty)
  }

  /// Whatever stands in the descriptor and nobody reads, whoever wrote it.
  @Test func propertiesThatNobodyReads() throws {
    var descriptor = TestDescriptor()
    descriptor.extraItems =
      TestDescriptor.item(
        10, 30, "NIC 1",
        "<rasd:Address>00:50:56:ab:cd:01</rasd:Address><rasd:AutomaticDeallocation>true</rasd:AutomaticDeallocation>"
          + "<rasd:Description>A card</rasd:Description><rasd:Weight>9</rasd:Weight>"
          + "<vmw:ExtraConfig vmw:key=\"x.y\" vmw:value=\"1\"/>")
    let hardware = try hardware(descriptor)
    #expect(
      hardware.losses.map { "\($0.property)=\($0.value ?? "")" } == [
        "NIC 1: AutomaticDeallocation=true", "NIC 1: Weight=9", "NIC 1: x.y=1",
      ])
    descriptor.sections = """
      <vmw:BootOrderSection vmw:instanceId="40" vmw:type="cdrom"><Info/></vmw:BootOrderSection>
      <vbox:Machine xmlns:vbox="http://www.virtualbox.org/ovf/machine" uuid="{1}" name="web" OSType="Debian_64">
        <ExtraData><ExtraDataItem name="GUI/x" value="1"/></ExtraData>
        <Hardware><Firmware type="EFI"/><Boot><Order position="1" device="HardDisk"/></Boot><Display VRAMSize="8"/></Hardware>
      </vbox:Machine>
      """
    let text = descriptor.text.replacing(
      "<System>", with: "<System><vssd:BIOSGUID>421e</vssd:BIOSGUID><vssd:InstanceID>0</vssd:InstanceID>")
    let package = try OVFPackage.read(try XMLTree.parse(Array(text.utf8)))
    #expect(OVFSystem(package, fallbackName: "x").firmware.type == .uefi)
    #expect(
      OVFLosses.system(package).map { "\($0.property)=\($0.value ?? "")" } == [
        "vbox:Machine/@OSType=Debian_64", "vbox:Machine/ExtraData=", "vbox:Machine/Hardware/Boot=",
        "vbox:Machine/Hardware/Display=VRAMSize=8", "System/BIOSGUID=421e", "BootOrderSection=cdrom",
      ])
  }

  /// What stands beside what is read of a section: each of it is said.
  @Test func theRestOfTheSections() throws {
    var descriptor = TestDescriptor()
    descriptor.files = descriptor.files.replacing("ovf:id", with: "vmw:x=\"1\" ovf:id")
    descriptor.disks = descriptor.disks.replacing("ovf:diskId", with: "ovf:populatedSize=\"9\" vmw:y=\"2\" ovf:diskId")
    descriptor.envelope = """
      <NetworkSection><Info/><Network ovf:name="office"><Description>The office</Description></Network></NetworkSection>
      """
    descriptor.sections = """
      <ProductSection ovf:class="c" ovf:required="false"><Info>x</Info><Product>Web</Product><Vendor>We</Vendor>
      <Version>1.2</Version><Category>Settings</Category><Property ovf:key="host" ovf:value="web"/></ProductSection>
      """
    let text = descriptor.text.replacing(
      "<VirtualHardwareSection>", with: "<VirtualHardwareSection ovf:transport=\"com.vmware.guestInfo iso\">")
    let losses = OVFLosses.system(try OVFPackage.read(try XMLTree.parse(Array(text.utf8))))
    #expect(
      losses.map { "\($0.property)=\($0.value ?? "")" } == [
        "Product property host=web", "ProductSection/@class=c", "ProductSection/Product=Web",
        "ProductSection/Vendor=We",
        "ProductSection/Version=1.2", "ProductSection/Category=Settings",
        "VirtualHardwareSection/@transport=com.vmware.guestInfo iso", "Network office/Description=The office",
        "File disk1.vmdk/@x=1", "Disk vmdisk1/@y=2",
      ])
  }

  @Test func theDefaultConfigurationCounts() throws {
    var descriptor = TestDescriptor()
    descriptor.envelope = """
      <DeploymentOptionSection><Info/><Configuration ovf:id="small"><Label/><Description/></Configuration>
      <Configuration ovf:id="large" ovf:default="true"><Label/><Description/></Configuration></DeploymentOptionSection>
      """
    descriptor.memory +=
      TestDescriptor.item(
        4, 2, "m", "<rasd:VirtualQuantity>8192</rasd:VirtualQuantity>", units: "byte * 2^20",
        attributes: " ovf:configuration=\"large\"")
      + TestDescriptor.item(
        4, 2, "m", "<rasd:VirtualQuantity>512</rasd:VirtualQuantity>", units: "byte * 2^20",
        attributes: " ovf:configuration=\"small\"")
    #expect(try hardware(descriptor).memoryBytes == 8 << 30)
  }

  /// `normal` is what an item without a bound is; one with another bound says what the machine may have, not what it has.
  @Test func boundsOfItems() throws {
    func memory(_ instance: Int, _ megabytes: Int, _ bound: String) -> String {
      TestDescriptor.item(
        4, instance, "memory", "<rasd:VirtualQuantity>\(megabytes)</rasd:VirtualQuantity>", units: "byte * 2^20",
        attributes: " ovf:bound=\"\(bound)\"")
    }
    var descriptor = TestDescriptor()
    descriptor.memory = memory(2, 1024, "min") + memory(3, 3072, "normal") + memory(4, 8192, "max")
    #expect(try hardware(descriptor).memoryBytes == 3 << 30)
    let losses = OVFLosses.system(try package(descriptor))
    #expect(losses.map(\.property) == ["memory, min", "memory, max"])
    #expect(losses.map(\.value) == ["1024 byte * 2^20", "8192 byte * 2^20"])
  }

  @Test(arguments: [
    ("virtualbox-2.2", "", "virtualbox", "linux"), ("unknown-1", "", "vmware", "linux"),
    (
      "vmx-13",
      #"<OperatingSystemSection ovf:id="77"><Info/><Description>Server</Description></OperatingSystemSection>"#,
      "vmware", "windows"
    ),
    (
      "vmx-13",
      #"<OperatingSystemSection ovf:id="1" vmw:osType="windows9Server64Guest"><Info/></OperatingSystemSection>"#,
      "vmware", "windows"
    ),
  ]) func platformAndGuest(_ type: String, _ guest: String, _ platform: String, _ family: String) throws {
    var descriptor = TestDescriptor()
    descriptor.systemType = type
    if !guest.isEmpty { descriptor.guest = guest }
    let system = OVFSystem(try package(descriptor), fallbackName: "x")
    #expect(system.platform == platform)
    #expect(system.guest?.family == family)
  }

  @Test func prefixesAreTheWritersChoice() throws {
    let text = TestDescriptor().text.replacing("rasd:", with: "r:").replacing("ovf:", with: "o:")
      .replacing("xmlns:r:", with: "xmlns:rasd:")
    let renamed = text.replacing("xmlns:ovf=", with: "xmlns:o=").replacing("xmlns:rasd=", with: "xmlns:r=")
    let package = try OVFPackage.read(try XMLTree.parse(Array(renamed.utf8)))
    #expect(package.files.map(\.href) == ["disk1.vmdk"])
    #expect(try OVFHardware(package.items).memoryBytes == 2 << 30)
  }

  @Test func severalMachinesAreRefused() throws {
    let text = TestDescriptor().text
    let start = try #require(text.range(of: "<VirtualSystem "))
    let end = try #require(text.range(of: "</VirtualSystem>"))
    let machine = String(text[start.lowerBound..<end.upperBound])
    let two = text.replacing(
      machine, with: "<VirtualSystemCollection ovf:id=\"c\">\(machine)\(machine)</VirtualSystemCollection>")
    let one = text.replacing(
      machine, with: "<VirtualSystemCollection ovf:id=\"c\">\(machine)</VirtualSystemCollection>")
    #expect(throws: OVFPackage.Malformed.self) { try OVFPackage.read(try XMLTree.parse(Array(two.utf8))) }
    #expect(try OVFPackage.read(try XMLTree.parse(Array(one.utf8))).files.count == 1)
  }

  @Test func survivesMutations() {
    var random = TestRandom(seed: 3)
    let good = TestDescriptor().bytes
    var read = 0
    for _ in 0..<500 {
      let bytes = random.mutate(good)
      guard let tree = try? XMLTree.parse(bytes), let package = try? OVFPackage.read(tree) else { continue }
      _ = OVFSystem(package, fallbackName: "x")
      _ = OVFLosses.system(package)
      if let hardware = try? OVFHardware(package.items) {
        read += 1
        #expect(hardware.memoryBytes > 0)
      }
    }
    #expect(read > 0)
  }
}
