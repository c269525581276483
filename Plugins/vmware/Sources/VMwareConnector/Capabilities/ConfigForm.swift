import ConnectorProtocol

/// The forms that a person fills: what reaches this platform, and what a restore onto it may be told.
enum ConfigForm {
  static let connection: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": false,
    "properties": [
      "url": text(
        1, "Server", "Address of vCenter or of an ESXi host: https://vcenter.example.org.", ["format": "uri"]),
      "username": text(2, "User name", "For vCenter with its domain: administrator@vsphere.local."),
      "password": text(3, "Password", "Of that user.", ["writeOnly": true, "format": "password"]),
      "ssoToken": text(
        4, "Single sign-on token",
        "A SAML 2.0 bearer assertion of vCenter's single sign-on, as XML or in Base64, instead of name and password.",
        ["writeOnly": true, "format": "password"]),
      "caFile": text(
        5, "CA file", "Absolute path of a PEM file with the authority that signed the server's certificate."),
      "thumbprint": text(
        6, "Thumbprint", "SHA-256 or SHA-1 of the server's certificate, to trust that one and no other.",
        ["pattern": "^[0-9A-Fa-f: ]{40,120}$"]),
      "datacenter": place(7, "Datacenter", "Name or path; needed where there are several.", "datacenter"),
      "cluster": place(8, "Cluster", "Name or path; needed where there are several.", "cluster"),
      "host": place(9, "Host", "One host to put machines on; otherwise the cluster chooses.", "host"),
      "resourcePool": place(10, "Resource pool", "Name or path; otherwise the cluster's own.", "resourcePool"),
      "folder": text(
        11, "Folder",
        "VM folder, by path below the datacenter's; with the OVA delivery an absolute path on this computer."),
      "datastore": place(
        12, "Datastore", "For disks that are not mapped; otherwise the one with the most free space.", "storage"),
      "network": place(13, "Network", "For network interfaces that are not mapped.", "network"),
      "diskProvisioning": choice(
        14, "Disk provisioning", "How space is taken for disks.", "thin",
        [("thin", "Thin"), ("thick", "Thick, zeroed when used"), ("eager", "Thick, zeroed at once")]),
      "delivery": choice(
        15, "Delivery", "How disks get there.", "lease",
        [
          ("lease", "Import by the server (compressed stream)"), ("datastore", "Flat files into the datastore"),
          ("ova", "No server: an OVA file in a folder of this computer"),
        ]),
    ],
  ]

  static let target: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": false,
    "properties": [
      "datacenter": place(1, "Datacenter", "Instead of the target's.", "datacenter"),
      "cluster": place(2, "Cluster", "Instead of the target's.", "cluster"),
      "host": place(3, "Host", "Instead of the target's.", "host"),
      "resourcePool": place(4, "Resource pool", "Instead of the target's.", "resourcePool"),
      "folder": place(5, "VM folder", "Instead of the target's.", "folder"),
      "hardwareVersion": place(
        6, "Hardware version", "As vmx-19; otherwise the cluster's default.", "hardwareVersion"),
      "guestId": place(7, "Guest type", "The platform's name of the guest, instead of the one found.", "guestType"),
      "storagePolicy": text(8, "Storage policy", "Id of a storage policy for machine and disks."),
      "diskProvisioning": [
        "type": "string",
        "title": "Disk provisioning",
        "description": "Instead of the target's.",
        "oneOf": [
          ["const": "thin", "title": "Thin"], ["const": "thick", "title": "Thick, zeroed when used"],
          ["const": "eager", "title": "Thick, zeroed at once"],
        ],
        "x-ui": ["order": 9],
      ],
      "tpm": [
        "type": "boolean",
        "title": "Virtual TPM",
        "description": "Give the machine a new, empty TPM; the server needs a key provider, the machine UEFI.",
        "x-ui": ["order": 10],
      ],
    ],
  ]

  private static func text(
    _ order: Int64, _ title: String, _ description: String, _ more: [String: JSONValue] = [:]
  ) -> JSONValue {
    let members: [String: JSONValue] = [
      "type": "string", "title": .string(title), "description": .string(description),
      "x-ui": ["order": .integer(order)],
    ]
    return .object(members.merging(more) { _, new in new })
  }

  private static func place(_ order: Int64, _ title: String, _ description: String, _ kind: String) -> JSONValue {
    text(order, title, description, ["x-ui": ["order": .integer(order), "options": ["inventory": .string(kind)]]])
  }

  private static func choice(
    _ order: Int64, _ title: String, _ description: String, _ value: String, _ choices: [(String, String)]
  ) -> JSONValue {
    text(
      order, title, description,
      [
        "default": .string(value),
        "oneOf": .array(choices.map { ["const": .string($0.0), "title": .string($0.1)] }),
      ])
  }
}
