package schema

// Extension is an installed extension. Its members are left out of the catalog.
type Extension struct {
	Name string
	// Schema is where the extension's objects live.
	Schema string
	// Version is the installed version; empty in desired state means whichever is installed, or the default one.
	Version string
}

// ID implements [Object].
func (e *Extension) ID() ID { return ID{Kind: KindExtension, Name: e.Name} }
func (*Extension) object()  {}
