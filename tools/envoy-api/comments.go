package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// printComments prints the comments of the .proto files as protoc-gen-go has kept them in the Go
// sources: a JSON object from full name (message, field, oneof, enum, value) to text.
func printComments() error {
	byPackage := map[string]*names{}
	packageOf := func(t reflect.Type) *names {
		found := byPackage[t.PkgPath()]
		if found == nil {
			found = &names{messages: map[string]protoreflect.MessageDescriptor{}, enums: map[string]protoreflect.EnumDescriptor{}}
			byPackage[t.PkgPath()] = found
		}
		return found
	}
	protoregistry.GlobalTypes.RangeMessages(func(message protoreflect.MessageType) bool {
		if t := reflect.TypeOf(message.Zero().Interface()).Elem(); t.Kind() == reflect.Struct {
			packageOf(t).messages[t.Name()] = message.Descriptor()
		}
		return true
	})
	protoregistry.GlobalTypes.RangeEnums(func(enum protoreflect.EnumType) bool {
		t := reflect.TypeOf(enum.New(0))
		packageOf(t).enums[t.Name()] = enum.Descriptor()
		return true
	})

	output, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}\t{{.Dir}}", ".").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	comments := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(output)), "\n") {
		path, dir, _ := strings.Cut(line, "\t")
		if found := byPackage[path]; found != nil {
			if err := found.readPackage(dir, comments); err != nil {
				return err
			}
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(comments)
}

// names are one Go package's types.
type names struct {
	messages map[string]protoreflect.MessageDescriptor
	enums    map[string]protoreflect.EnumDescriptor
}

func (n *names) readPackage(dir string, comments map[string]string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.pb.go"))
	if err != nil {
		return err
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			if general, ok := declaration.(*ast.GenDecl); ok {
				for _, spec := range general.Specs {
					n.readSpec(general, spec, comments)
				}
			}
		}
	}
	return nil
}

func (n *names) readSpec(declaration *ast.GenDecl, spec ast.Spec, comments map[string]string) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		add := func(name protoreflect.FullName) { addComment(comments, name, declaration.Doc) }
		if enum := n.enums[spec.Name.Name]; enum != nil {
			add(enum.FullName())
		} else if structure, ok := spec.Type.(*ast.StructType); ok {
			if message := n.messages[spec.Name.Name]; message != nil {
				add(message.FullName())
				readFields(message, structure, comments)
			} else if message := n.ownerOf(spec.Name.Name, structure); message != nil {
				readFields(message, structure, comments)
			}
		}
	case *ast.ValueSpec:
		n.readConstant(spec, comments)
	}
}

func (n *names) readConstant(spec *ast.ValueSpec, comments map[string]string) {
	kind, ok := spec.Type.(*ast.Ident)
	if !ok || len(spec.Values) != 1 {
		return
	}
	enum := n.enums[kind.Name]
	literal, isLiteral := spec.Values[0].(*ast.BasicLit)
	if enum == nil || !isLiteral {
		return
	}
	number, err := strconv.Atoi(literal.Value)
	if err != nil {
		return
	}
	if value := enum.Values().ByNumber(protoreflect.EnumNumber(number)); value != nil {
		addComment(comments, enum.FullName()+"."+protoreflect.FullName(value.Name()), spec.Doc)
	}
}

var fieldName = regexp.MustCompile(`protobuf:"[^"]*\bname=([^,"]+)`)
var oneofName = regexp.MustCompile(`protobuf_oneof:"([^"]+)"`)

func readFields(message protoreflect.MessageDescriptor, structure *ast.StructType, comments map[string]string) {
	for _, field := range structure.Fields.List {
		if field.Tag == nil {
			continue
		}
		if match := fieldName.FindStringSubmatch(field.Tag.Value); match != nil {
			addComment(comments, message.FullName().Append(protoreflect.Name(match[1])), field.Doc)
		} else if match := oneofName.FindStringSubmatch(field.Tag.Value); match != nil {
			addComment(comments, message.FullName().Append(protoreflect.Name(match[1])), field.Doc)
		}
	}
}

// ownerOf finds the message of a oneof's wrapper: Cluster_Type wraps the field type of Cluster.
func (n *names) ownerOf(wrapper string, structure *ast.StructType) protoreflect.MessageDescriptor {
	if len(structure.Fields.List) != 1 || structure.Fields.List[0].Tag == nil {
		return nil
	}
	match := fieldName.FindStringSubmatch(structure.Fields.List[0].Tag.Value)
	if match == nil {
		return nil
	}
	for end := strings.LastIndex(wrapper, "_"); end > 0; end = strings.LastIndex(wrapper[:end], "_") {
		message := n.messages[wrapper[:end]]
		if message == nil {
			continue
		}
		if field := message.Fields().ByName(protoreflect.Name(match[1])); field != nil && field.ContainingOneof() != nil {
			return message
		}
	}
	return nil
}

var oneofList = regexp.MustCompile(`(?s)(^|\n)Types that are (valid to be )?assign(ed|able) to .*$`)

func addComment(comments map[string]string, name protoreflect.FullName, doc *ast.CommentGroup) {
	if doc == nil {
		return
	}
	text := strings.TrimSpace(oneofList.ReplaceAllString(doc.Text(), ""))
	if text != "" && !strings.HasPrefix(text, "Deprecated: Marked as deprecated") {
		comments[string(name)] = text
	}
}
