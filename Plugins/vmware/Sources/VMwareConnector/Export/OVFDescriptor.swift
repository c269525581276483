import ConnectorProtocol

/// The descriptor of an OVA (DMTF DSP0243 1.1.0), with the extensions that vSphere understands.
struct OVFDescriptor: Sendable {
  /// A disk's file in the archive.
  struct File: Sendable {
    var disk: MachinePlan.Disk
    var name: String
    var bytes: Int64
    /// Bytes of the disk that hold data.
    var populated: Int64
  }

  static let diskFormat = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"

  var plan: MachinePlan
  var files: [File]

  var text: String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" \
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" \
    xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" \
    xmlns:vmw="http://www.vmware.com/schema/ovf">
      <References>
    \(files.map(reference).joined(separator: "\n"))
      </References>
      <DiskSection>
        <Info>Virtual disks</Info>
    \(files.map(disk).joined(separator: "\n"))
      </DiskSection>
      <NetworkSection>
        <Info>Networks</Info>
    \(networks.map(network).joined(separator: "\n"))
      </NetworkSection>
      <VirtualSystem ovf:id="\(escaped(ExportFolder.stem(plan)))">
        <Info>A virtual machine</Info>
        <Name>\(escaped(plan.name))</Name>
    \(annotation)    <OperatingSystemSection ovf:id="\(OperatingSystem.number(plan.guestID))" \
    vmw:osType="\(escaped(plan.guestID))">
          <Info>The guest</Info>
        </OperatingSystemSection>
        <VirtualHardwareSection>
          <Info>Virtual hardware</Info>
          <System>
            <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
            <vssd:InstanceID>0</vssd:InstanceID>
            <vssd:VirtualSystemIdentifier>\(escaped(plan.name))</vssd:VirtualSystemIdentifier>
            <vssd:VirtualSystemType>\(escaped(plan.hardwareVersion ?? "vmx-\(leastVersion)"))</vssd:VirtualSystemType>
          </System>
    \(items.map(\.text).joined(separator: "\n"))
    \(configuration)
        </VirtualHardwareSection>
      </VirtualSystem>
    </Envelope>

    """
  }

  private func escaped(_ text: String) -> String { XMLText.escape(text) }

  /// Old enough for old hosts, new enough for the hardware.
  private var leastVersion: Int {
    let needs = plan.disks.map(\.controller.leastVersion) + [10, plan.secureBoot ? 13 : 0, plan.tpm ? 14 : 0]
    return needs.max() ?? 10
  }

  private func reference(_ file: File) -> String {
    "    <File ovf:href=\"\(file.name)\" ovf:id=\"file\(file.disk.index)\" ovf:size=\"\(file.bytes)\"/>"
  }

  private func disk(_ file: File) -> String {
    "    <Disk ovf:capacity=\"\(file.disk.sizeBytes)\" ovf:capacityAllocationUnits=\"byte\" "
      + "ovf:diskId=\"disk\(file.disk.index)\" ovf:fileRef=\"file\(file.disk.index)\" "
      + "ovf:format=\"\(Self.diskFormat)\" ovf:populatedSize=\"\(file.populated)\"/>"
  }

  /// Names of networks, each once, in the order of the interfaces.
  private var networks: [String] {
    var seen: Set<String> = []
    return plan.nics.map(\.network).filter { seen.insert($0).inserted }
  }

  private func network(_ name: String) -> String {
    """
        <Network ovf:name="\(escaped(name))">
          <Description>\(escaped(name))</Description>
        </Network>
    """
  }

  private var annotation: String {
    guard let notes = plan.notes, !notes.isEmpty else { return "" }
    return """
          <AnnotationSection>
            <Info>Notes</Info>
            <Annotation>\(escaped(notes))</Annotation>
          </AnnotationSection>

      """
  }

  private var configuration: String {
    var lines = [config("firmware", plan.firmware == .uefi ? "efi" : "bios")]
    if plan.firmware == .uefi { lines.append(config("bootOptions.efiSecureBootEnabled", String(plan.secureBoot))) }
    if plan.isWindows {
      lines.append("      <vmw:ExtraConfig ovf:required=\"false\" vmw:key=\"disk.EnableUUID\" vmw:value=\"TRUE\"/>")
    }
    return lines.joined(separator: "\n")
  }

  private func config(_ key: String, _ value: String) -> String {
    "      <vmw:Config ovf:required=\"false\" vmw:key=\"\(key)\" vmw:value=\"\(value)\"/>"
  }
}
